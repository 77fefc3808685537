import { MODELS, modelNamed, runLitmus, type LitmusTest, type Op } from '@irqchip/litmus';

// A message and the flag that announces it: can CPU 1 see the flag and miss the message?
const mp = (flag: 'once' | 'release'): LitmusTest => ({
  name: `MP, the flag written ${flag}`,
  init: { buf: 0, flag: 0 },
  locks: [],
  threads: [
    [{ op: 'write', loc: 'buf', val: 1, order: 'once' }, { op: 'write', loc: 'flag', val: 1, order: flag }],
    [{ op: 'read', reg: 'r0', loc: 'flag', order: 'acquire' }, { op: 'read', reg: 'r1', loc: 'buf', order: 'once' }],
  ] satisfies Op[][],
  exists: ['and', ['eq', '1:r0', 1], ['eq', '1:r1', 0]],
});

export const verdicts = [...MODELS].map((name) => `${name}: ${(['once', 'release'] as const).map((flag) => runLitmus(mp(flag), modelNamed(name)).verdict).join(', ')}`);
// lkmm: Sometimes, Never    tso: Never, Never
