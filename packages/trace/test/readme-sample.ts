import { readRecording, replay } from '@irqchip/trace';

// A PLIC of five sources and one hart, as somebody recorded it; the last value is made up.
const text = `
{"format":"qtest-trace-1","qemu":"10.0.2","device":"plic","harts":1,"sources":"1..5","bases":{"plic":"0xc000000"},"reset_lines":[{}],"contexts":[{"ctx":0,"hart":0,"line":"MEI"}]}
{"i":1,"op":"writel","dev":"plic","reg":"priority[3]","off":"0xc","addr":"0xc00000c","value":"0x1"}
{"i":2,"op":"writel","dev":"plic","reg":"enable[0][0]","off":"0x2000","addr":"0xc002000","value":"0x8"}
{"i":3,"op":"line","dev":"plic","src":3,"level":1,"net":[[0,"MEI",1]]}
{"i":4,"op":"readl","dev":"plic","reg":"claim[0]","off":"0x200004","addr":"0xc200004","result":"0x2","net":[[0,"MEI",0]]}
`.trim();

export const { reads, lines, differences } = replay(readRecording(text, 'example.jsonl'));
// reads: 0 of 1 equal; lines: 4 of 4 equal
// differences: [{ step: 4, note: '', register: 'claim[0]', model: '0x3', recorded: '0x2' }]
