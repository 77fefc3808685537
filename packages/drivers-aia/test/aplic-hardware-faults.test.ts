/** Single faults, planted one at a time in a copy of the models: each is found by a recording or by a rule. */
import { importFaultyHardware, type HardwareFault } from '@irqchip/test-support';
import { deliveryCases } from './cases/delivery.ts';
import { imsicCases } from './cases/imsic.ts';
import { messageCases } from './cases/messages.ts';
import { sourceCases } from './cases/sources.ts';
import { GOOD, runCase, type Models } from './hardware-board.ts';
import { agrees } from './replay.ts';

const DIRECT = 'aplic-direct-rand-101';
const DIRECT_11 = 'q111-aplic-direct-rand-301';
const MSI = 'aplic-msi-rand-101';
const IMSIC = 'imsic-rand-101';
const RECORDINGS = [DIRECT, DIRECT_11, MSI, IMSIC];
const cases = [...sourceCases, ...deliveryCases, ...messageCases, ...imsicCases];

const FAULTS: readonly HardwareFault[] = [
  { what: 'LHXW of supervisor messages comes from smsiaddrcfgh', file: 'aplic/addresses.ts', from: "const lhxw = field(shared, 'lhxw')", to: "const lhxw = field(own, 'lhxw')", killedBy: MSI },
  { what: 'LHXS comes from mmsiaddrcfgh at both levels', file: 'aplic/addresses.ts', from: "const lhxs = field(own, 'lhxs')", to: "const lhxs = field(this.mHi, 'lhxs')", killedBy: 'AIA 4.9.1: supervisor messages' },
  { what: 'the group is shifted by HHXS alone', file: 'aplic/addresses.ts', from: "field(shared, 'hhxs') + APLIC.XMSICFGADDR_PPN_HHX_SHIFT", to: "field(shared, 'hhxs')", killedBy: 'AIA 4.9.1: page' },
  { what: 'the high part of a shifted index is lost', file: 'aplic/addresses.ts', from: 'ppn.hi |= value >>> (32 - shift)', to: 'ppn.hi |= 0', killedBy: 'AIA 4.9.1: page' },
  { what: 'the lock covers the machine-level registers only', file: 'aplic/addresses.ts', from: '(offset <= APLIC.MMSICFGADDRH || !this.options.lockLeavesSupervisor)', to: 'offset <= APLIC.MMSICFGADDRH', killedBy: 'AIA 4.5.3' },
  { what: 'a level in direct mode is cleared by a claim', file: 'aplic/sources.ts', from: 'if (this.msi || this.stored) return held;', to: 'return held;', killedBy: 'AIA 4.7: pending of a level-sensitive source in direct mode' },
  { what: 'a level that drops stays pending', file: 'aplic/sources.ts', from: 'else if (!now && isLevel && !levelPendingLatches) this.unpend(source);', to: '', killedBy: 'riscv-aia 68' },
  { what: 'setipnum sets a level source pending though its input is low', file: 'aplic/sources.ts', from: 'level & this.rectifiedWord(k)) : 0);', to: 'level) : 0);', killedBy: 'AIA 4.9.2' },
  { what: 'setip works on level sources in direct mode', file: 'aplic/sources.ts', from: 'this.soft[k]! |= bits & this.active[k]! & settable;', to: 'this.soft[k]! |= bits & this.active[k]!; this.latch[k]! |= bits & this.active[k]!;', killedBy: 'AIA 4.9.2' },
  { what: 'an edge follows its wire down', file: 'aplic/sources.ts', from: 'else if (!now && isLevel &&', to: 'else if (!now &&', killedBy: DIRECT },
  { what: 'a level driven again is a new edge', file: 'aplic/sources.ts', from: '(!was || (isLevel && levelRepeats === true))', to: 'true', killedBy: 'renode 403' },
  { what: 'falling edges are taken as rising', file: 'aplic/sources.ts', from: 'mode === APLIC.SOURCECFG_SM_EDGE_FALL || ', to: '', killedBy: DIRECT },
  { what: 'a Detached source hears its wire', file: 'aplic/sources.ts', from: "mode >= APLIC.SOURCECFG_SM_EDGE_RISE ||", to: 'isActive ||', killedBy: 'AIA 4.5.2: a Detached source' },
  { what: 'enable outlives the source', file: 'aplic/sources.ts', from: 'put(this.enabled, source, false);', to: '', killedBy: DIRECT },
  { what: 'enable can be set while the source is inactive', file: 'aplic/sources.ts', from: 'this.enabled[k]! |= bits & this.active[k]!', to: 'this.enabled[k]! |= bits', killedBy: DIRECT },
  { what: 'a message leaves its source pending', file: 'aplic/messages.ts', from: 'sources.sent(source);', to: '', killedBy: MSI },
  { what: 'messages leave largest source first within a word', file: 'aplic/messages.ts', from: '31 - Math.clz32(ready & -ready)', to: '31 - Math.clz32(ready)', killedBy: 'AIA 4.9: pending waits' },
  { what: 'genmsi takes writes while it is busy', file: 'aplic/messages.ts', from: 'if (this.busy) return;', to: '', killedBy: 'AIA 4.9.3' },
  { what: 'the threshold lets its own priority through', file: 'aplic/delivery.ts', from: 'priority >= bestPriority', to: 'priority > bestPriority', killedBy: DIRECT },
  { what: 'the largest priority number wins', file: 'aplic/delivery.ts', from: 'priority >= bestPriority) continue;', to: '(ithreshold !== 0 && priority >= ithreshold) || (best !== 0 && priority <= bestPriority)) continue;', killedBy: DIRECT },
  { what: 'a tie goes to the largest source', file: 'aplic/delivery.ts', from: 'priority >= bestPriority) continue;', to: '(ithreshold !== 0 && priority >= ithreshold) || priority > bestPriority) continue;', killedBy: 'rv_plic 2' },
  { what: 'topi looks at one hart for all', file: 'aplic/delivery.ts', from: 'target >>> APLIC.TARGET_HART_IDX_SHIFT !== index ||', to: '', killedBy: DIRECT },
  { what: 'a claim claims nothing', file: 'aplic/delivery.ts', from: 'if (top !== 0) this.sources.claim(top >>> APLIC.IDC_TOPI_ID_SHIFT);', to: 'if (top !== 0) ;', killedBy: DIRECT },
  { what: 'a claim of something ends iforce', file: 'aplic/delivery.ts', from: 'const top = this.topi(index);\n', to: 'const top = this.topi(index);\n    idc.iforce = 0;\n', killedBy: 'AIA 4.8.1.2' },
  { what: 'iforce passes idelivery by', file: 'aplic/delivery.ts', from: 'this.on && idc.idelivery === 1 && (idc.iforce === 1 ||', to: 'this.on && (idc.iforce === 1 || idc.idelivery === 1 &&', killedBy: DIRECT },
  { what: 'topi is 0 while the domain is off', file: 'aplic/delivery.ts', from: 'if (sources.msi) return 0;', to: 'if (sources.msi || !this.on) return 0;', killedBy: DIRECT_11 },
  { what: 'priority 0 can be written', file: 'aplic/aplic.ts', from: 'priority === 0 ? APLIC.DEFAULT_PRIORITY : priority', to: 'priority', killedBy: DIRECT },
  { what: 'a machine-level target has a guest index', file: 'aplic/aplic.ts', from: 'const guest = this.supervisor ? GUEST_FIELD : 0;', to: 'const guest = GUEST_FIELD;', killedBy: 'AIA 4.5.16.2' },
  { what: 'genmsi waits for IE', file: 'aplic/aplic.ts', from: 'if (this.sources.msi) this.messages.generate', to: 'if (this.sources.msi && this.enable) this.messages.generate', killedBy: MSI },
  { what: 'setipnum_be is read in the wrong order', file: 'aplic/aplic.ts', from: 'this.byNumber(APLIC.SETIP_BASE, swapBytes(value))', to: 'this.byNumber(APLIC.SETIP_BASE, value)', killedBy: DIRECT },
  { what: 'in_clrip reads what is pending', file: 'aplic/aplic.ts', from: 'if (array === APLIC.CLRIP_BASE) return this.sources.rectifiedWord(k);', to: 'if (array === APLIC.CLRIP_BASE) return this.sources.pendingWord(k);', killedBy: DIRECT },
  { what: 'a delegated wire stays with the root', file: 'aplic/aplic.ts', from: 'this.childOf(source)?.wire(source, level);', to: '', killedBy: DIRECT },
  { what: 'a child keeps what is taken back', file: 'aplic/aplic.ts', from: 'before?.withdraw(source);', to: '', killedBy: 'AIA 4.5.2: a source that is not delegated' },
  { what: 'a delegated source arrives with its wire low', file: 'aplic/aplic.ts', from: 'after?.grant(source, sources.inputOf(source));', to: 'after?.grant(source, false);', killedBy: 'AIA 4.2: a wire that is high' },
  { what: 'posted clears are not pushed by a read', file: 'aplic/aplic.ts', from: 'this.link();\n    this.flush();', to: 'this.link();', killedBy: 'clearDelayNs' },
  { what: 'identities up to the threshold itself signal', file: 'imsic/file.ts', from: 'return id < limit ?', to: 'return id <= limit ?', killedBy: IMSIC },
  { what: 'the largest identity is on top', file: 'imsic/file.ts', from: '31 - Math.clz32(word & -word)', to: '31 - Math.clz32(word)', killedBy: IMSIC },
  { what: 'topei is 0 while eidelivery is', file: 'imsic/file.ts', from: 'if (this.options.pulses) this.update();\n    return this.top();', to: 'return this.delivery === 0 ? 0 : this.top();', killedBy: IMSIC },
  { what: 'a write of topei claims nothing, a read does', file: 'imsic/hart.ts', from: 'read: () => file.topei(),\n    write: () => void file.claim(),', to: 'read: () => file.claim(),\n    write: () => undefined,', killedBy: IMSIC },
  { what: 'csrrw of topei reports what is on top after the claim', file: 'imsic/hart.ts', from: 'swap: () => file.claim(),\n  });\n}', to: 'swap: () => { file.claim(); return file.topei(); },\n  });\n}', killedBy: 'AIA 3.9' },
  { what: 'identity 0 can be enabled', file: 'imsic/file.ts', from: 'index === 0 ? lo & ~1 : lo', to: 'lo', killedBy: IMSIC },
  { what: 'the high half of eip and eie is dropped', file: 'imsic/file.ts', from: 'words[index + 1] = hi', to: 'words[index + 1] = 0', killedBy: IMSIC },
  { what: 'a guest file signals its hart, not hgeip', file: 'imsic/imsic.ts', from: '(high) => csrs?.signal(number, high)', to: '(high) => lines.setLine(hartid, irq, high)', killedBy: 'AIA 3.7, 3.10' },
];

function damaged(fault: HardwareFault): Promise<Models> {
  return importFaultyHardware(new URL('..', import.meta.url), fault);
}

function kills(by: string, models: Models): boolean {
  if (RECORDINGS.includes(by)) return !agrees(by, models);
  const found = cases.find(({ name }) => name.startsWith(by));
  if (found === undefined) throw new Error(`no rule begins with "${by}"`);
  try {
    runCase(found, models);
    return false;
  } catch {
    return true;
  }
}

test.each(FAULTS)('"$what" is found by: $killedBy', async (fault) => {
  expect(kills(fault.killedBy, await damaged(fault))).toBe(true);
});

test('an undamaged copy is found by nothing', async () => {
  const harmless: HardwareFault = { what: 'none', file: 'aplic/aplic.ts', from: 'readonly devices', to: 'readonly  devices', killedBy: '' };
  const models = await damaged(harmless);
  const found = [...RECORDINGS, ...cases.map(({ name }) => name)].filter((by) => kills(by, models));
  expect(found).toEqual([]);
  expect(RECORDINGS.filter((by) => !agrees(by, GOOD))).toEqual([]);
});
