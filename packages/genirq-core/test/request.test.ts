import { IrqError } from '@irqchip/smp';
import {
  disableIrq, freeIrq, handleLevelIrq, handleSimpleIrq, IRQ, IRQ_HANDLED, IRQ_NOTCONNECTED, IRQ_TYPE, IRQC, IRQCHIP, IRQD, IRQF, irqdSetTriggerType, IRQS, requestAnyContextIrq, requestIrq, requestThreadedIrq, setChip,
  setNestedThread, setNorequest, setNothread, setStatusFlags,
} from '../src/index.ts';
import { codeOf, findings, handled, logTexts, makeBench, taken, trap, type BenchOptions } from './fixture.ts';

const simple = (options: BenchOptions = {}) => makeBench({ flow: handleSimpleIrq, callbacks: ['irqMask', 'irqUnmask'], ...options });

describe('what a request is refused for, in the kernel\'s order', () => {
  test('ENOTCONN: IRQ_NOTCONNECTED, before anything else is looked at', () => {
    const { genirq } = simple();
    expect(codeOf(() => requestThreadedIrq(genirq, IRQ_NOTCONNECTED, null, null, IRQF.SHARED, 'x', null))).toBe('ENOTCONN');
    expect(codeOf(() => requestAnyContextIrq(genirq, IRQ_NOTCONNECTED, handled, 0, 'x'))).toBe('ENOTCONN');
  });

  test.each<[string, number, unknown]>([
    ['SHARED without a devId', IRQF.SHARED, null],
    ['SHARED and NO_AUTOEN', IRQF.SHARED | IRQF.NO_AUTOEN, 1],
    ['COND_SUSPEND without SHARED', IRQF.COND_SUSPEND, 1],
    ['NO_SUSPEND and COND_SUSPEND', IRQF.SHARED | IRQF.NO_SUSPEND | IRQF.COND_SUSPEND, 1],
  ])('EINVAL: %s', (_name, flags, devId) => {
    const { genirq, irq, desc } = simple();
    expect(codeOf(() => requestIrq(genirq, irq, handled, flags, 'x', devId))).toBe('EINVAL');
    expect(desc.action).toBeNull();
  });

  test('EINVAL: no descriptor, NOREQUEST, no handler at all', () => {
    const { genirq, irq } = simple();
    expect(codeOf(() => requestIrq(genirq, 9, handled, 0, 'x'))).toBe('EINVAL');
    expect(codeOf(() => requestThreadedIrq(genirq, irq, null, null, 0, 'x', null))).toBe('EINVAL');
    setNorequest(genirq, irq);
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBe('EINVAL');
  });

  test('ENOMEM, and nothing is left', () => {
    const { smp, genirq, irq, desc } = simple();
    for (const site of ['irqaction', 'irq_thread']) {
      smp.faults.fail(site);
      expect(codeOf(() => requestThreadedIrq(genirq, irq, handled, handled, 0, 'x', null))).toBe('ENOMEM');
      expect(desc.action).toBeNull();
    }
  });

  test('ENOSYS: no chip', () => {
    const { genirq, irq } = simple();
    setChip(genirq, irq, null);
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBe('ENOSYS');
  });

  test('what the chip\'s resources throw, with a line in the log', () => {
    const { smp, genirq, irq, desc, calls } = simple({ callbacks: ['irqReleaseResources', 'irqUnmask'], chip: { irqRequestResources: () => { throw new IrqError('EBUSY', 'pin taken'); } } });
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'gpio'))).toBe('EBUSY');
    expect([logTexts(smp), calls, desc.action]).toEqual([['genirq: Failed to request resources for gpio (irq 0) on irqchip noting'], [], null]);
  });

  test('what the chip\'s type throws; resources are released', () => {
    const { genirq, irq, desc, calls } = simple({ callbacks: ['irqRequestResources', 'irqReleaseResources', 'irqUnmask', 'irqBusLock', 'irqBusSyncUnlock'], chip: { irqSetType: () => { throw new IrqError('EINVAL', 'level only'); } } });
    taken(calls);
    expect(codeOf(() => requestIrq(genirq, irq, handled, IRQF.TRIGGER_RISING, 'x'))).toBe('EINVAL');
    expect(calls).toEqual(['irqBusLock', 'irqRequestResources', 'irqReleaseResources', 'irqBusSyncUnlock']);
    expect([desc.action, desc.lock.locked]).toEqual([null, false]);
  });

  test('what the activation throws', () => {
    const { genirq, irq, data, calls } = simple();
    data.domain = { name: 'd', ops: { activate: () => { throw new IrqError('ENOSPC', 'full'); } } };
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBe('ENOSPC');
    expect(calls).toEqual([]);
  });

  test('EINVAL: no hard handler and no ONESHOT, unless the chip is ONESHOT_SAFE', () => {
    const { smp, genirq, irq } = simple();
    expect(codeOf(() => requestThreadedIrq(genirq, irq, null, handled, 0, 'touch', null))).toBe('EINVAL');
    expect(logTexts(smp)).toEqual(['genirq: Threaded irq requested with handler=NULL and !ONESHOT for touch (irq 0)']);
    const safe = simple({ chip: { flags: IRQCHIP.ONESHOT_SAFE } });
    requestThreadedIrq(safe.genirq, safe.irq, null, handled, IRQF.ONESHOT, 'touch', null);
    expect([safe.desc.action!.flags & IRQF.ONESHOT, safe.desc.istate & IRQS.ONESHOT]).toEqual([0, 0]);
  });
});

describe('the first request', () => {
  test('takes resources, programs the type, activates, starts: in that order', () => {
    const { genirq, irq, data, desc, calls } = simple({ callbacks: ['irqRequestResources', 'irqSetType', 'irqUnmask', 'irqBusLock', 'irqBusSyncUnlock'] });
    data.domain = { name: 'd', ops: { activate: () => void calls.push('activate') } };
    taken(calls);
    requestIrq(genirq, irq, handled, IRQF.TRIGGER_RISING, 'x');
    expect(calls).toEqual(['irqBusLock', 'irqRequestResources', 'irqSetType', 'activate', 'irqUnmask', 'irqBusSyncUnlock']);
    expect([desc.depth, data.common.state & IRQD.TRIGGER_MASK]).toEqual([0, IRQ_TYPE.EDGE_RISING]);
  });

  test('without a type of its own takes the recorded one', () => {
    const types: number[] = [];
    const { genirq, irq, data, desc } = simple({ chip: { irqSetType: (_data, type) => types.push(type) * 0 } });
    irqdSetTriggerType(data, IRQ_TYPE.LEVEL_HIGH);
    requestIrq(genirq, irq, handled, 0, 'x');
    expect([types, desc.action!.flags, desc.settings]).toEqual([[IRQ_TYPE.LEVEL_HIGH], IRQF.TRIGGER_HIGH | IRQF.COND_ONESHOT, IRQ.LEVEL | IRQ_TYPE.LEVEL_HIGH]);
  });

  test.each<[string, number, number]>([['IRQF.NO_AUTOEN', IRQF.NO_AUTOEN, 0], ['setting NOAUTOEN', 0, IRQ.NOAUTOEN]])('%s: activated, not started, depth 1', (_name, flags, setting) => {
    const { genirq, irq, data, desc, calls } = simple();
    setStatusFlags(genirq, irq, setting);
    requestIrq(genirq, irq, handled, flags, 'x');
    expect([calls, desc.depth, data.common.state & (IRQD.ACTIVATED | IRQD.IRQ_STARTED)]).toEqual([[], 1, IRQD.ACTIVATED]);
  });

  test('NO_AUTOEN undoes disables that were left over', () => {
    const { genirq, irq, desc } = simple();
    requestIrq(genirq, irq, handled, 0, 'x');
    disableIrq(genirq, irq);
    disableIrq(genirq, irq);
    freeIrq(genirq, irq);
    expect(desc.depth).toBe(3);
    requestIrq(genirq, irq, handled, IRQF.NO_AUTOEN, 'x');
    expect(desc.depth).toBe(1);
  });

  test('PERCPU, NO_DEBUG with it, and NOBALANCING become settings and state', () => {
    const { genirq, irq, data, desc } = simple();
    requestIrq(genirq, irq, handled, IRQF.PERCPU | IRQF.NO_DEBUG | IRQF.NOBALANCING, 'x');
    expect(desc.settings).toBe(IRQ.PER_CPU | IRQ.NO_DEBUG | IRQ.NO_BALANCING);
    expect(data.common.state & (IRQD.PER_CPU | IRQD.NO_BALANCING)).toBe(IRQD.PER_CPU | IRQD.NO_BALANCING);
    const other = simple();
    requestIrq(other.genirq, other.irq, handled, IRQF.NO_DEBUG, 'x');
    expect(other.desc.settings).toBe(0);
  });

  test('forgets what the line went through before', () => {
    const { genirq, irq, desc, data } = simple();
    desc.istate |= IRQS.AUTODETECT | IRQS.SPURIOUS_DISABLED | IRQS.ONESHOT | IRQS.WAITING;
    data.common.state |= IRQD.IRQ_INPROGRESS;
    desc.irqCount = desc.irqsUnhandled = 7;
    requestIrq(genirq, irq, handled, 0, 'x');
    expect([desc.istate, data.common.state & IRQD.IRQ_INPROGRESS, desc.irqCount, desc.irqsUnhandled]).toEqual([IRQS.SYSFS, 0, 0, 0]);
  });

  test('ONESHOT without a thread function warns in 7.2', () => {
    const later = simple({ linux: '7.2' });
    requestIrq(later.genirq, later.irq, handled, IRQF.ONESHOT, 'x');
    expect(findings(later.smp)).toHaveLength(1);
    const earlier = simple();
    requestIrq(earlier.genirq, earlier.irq, handled, IRQF.ONESHOT, 'x');
    expect(findings(earlier.smp)).toEqual([]);
  });

  test('in hard irq is a context finding', () => {
    const { smp, genirq, irq } = simple();
    trap(smp, () => requestIrq(genirq, irq, handled, 0, 'x'));
    expect(findings(smp, 'context')).toHaveLength(1);
  });
});

describe('sharing', () => {
  const pair = (first: number, second: number, options: BenchOptions = {}, threads: [boolean, boolean] = [false, false]) => {
    const bench = simple(options);
    const request = (flags: number, name: string, thread: boolean) => requestThreadedIrq(bench.genirq, bench.irq, handled, thread ? handled : null, flags, name, name);
    request(first, 'one', threads[0]);
    return { ...bench, code: codeOf(() => request(second, 'two', threads[1])) };
  };
  const { SHARED, ONESHOT, COND_ONESHOT, PERCPU, TRIGGER_HIGH, TRIGGER_RISING, PROBE_SHARED } = IRQF;

  test('both must say SHARED', () => {
    expect(pair(SHARED, SHARED).code).toBeUndefined();
    expect(pair(SHARED, 0).code).toBe('EBUSY');
    expect(pair(0, SHARED).code).toBe('EBUSY');
  });

  test('the mismatch is printed, unless PROBE_SHARED', () => {
    expect(logTexts(pair(0, SHARED).smp)).toEqual(['genirq: Flags mismatch irq 0. 00000080 (two) vs. 00000000 (one)']);
    expect(logTexts(pair(0, SHARED | PROBE_SHARED).smp)).toEqual([]);
  });

  test('trigger types must agree; a type that was never set is the newcomer\'s', () => {
    const adopted = pair(SHARED | TRIGGER_HIGH, SHARED | TRIGGER_RISING, { chip: { irqSetType: () => 0 } });
    expect([adopted.code, adopted.data.common.state & IRQD.TRIGGER_MASK]).toEqual([undefined, IRQ_TYPE.EDGE_RISING]);
    expect(codeOf(() => requestIrq(adopted.genirq, adopted.irq, handled, SHARED | TRIGGER_HIGH, 'three', 3))).toBe('EBUSY');
    const recorded = simple({ chip: { irqSetType: () => 0 } });
    irqdSetTriggerType(recorded.data, IRQ_TYPE.LEVEL_HIGH);
    requestIrq(recorded.genirq, recorded.irq, handled, SHARED, 'one', 1);
    expect(codeOf(() => requestIrq(recorded.genirq, recorded.irq, handled, SHARED | TRIGGER_RISING, 'two', 2))).toBe('EBUSY');
    expect(codeOf(() => requestIrq(recorded.genirq, recorded.irq, handled, SHARED, 'three', 3))).toBeUndefined();
  });

  test('ONESHOT must agree, but COND_ONESHOT adopts it', () => {
    expect(pair(SHARED | ONESHOT, SHARED, {}, [true, true]).code).toBe('EBUSY');
    expect(pair(SHARED, SHARED | ONESHOT, {}, [true, true]).code).toBe('EBUSY');
    const adopted = pair(SHARED | ONESHOT, SHARED | COND_ONESHOT, {}, [true, false]);
    expect([adopted.code, adopted.desc.action!.next!.flags & ONESHOT]).toEqual([undefined, ONESHOT]);
  });

  test('PERCPU must agree', () => {
    expect(pair(SHARED | PERCPU, SHARED).code).toBe('EBUSY');
    expect(pair(SHARED, SHARED | PERCPU).code).toBe('EBUSY');
    expect(pair(SHARED | PERCPU, SHARED | PERCPU).code).toBeUndefined();
  });

  test('an NMI line is not shared', () => {
    const { genirq, irq, desc } = simple();
    requestIrq(genirq, irq, handled, SHARED, 'one', 1);
    desc.istate |= IRQS.NMI;
    expect(codeOf(() => requestIrq(genirq, irq, handled, SHARED, 'two', 2))).toBe('EINVAL');
  });

  test('32 oneshot threads fit, the next is EBUSY; a freed bit is used again', () => {
    const { genirq, irq, desc } = simple();
    const request = (id: number) => requestThreadedIrq(genirq, irq, null, handled, SHARED | ONESHOT, `t${id}`, id);
    for (let id = 1; id <= 32; id++) request(id);
    expect(codeOf(() => request(33))).toBe('EBUSY');
    freeIrq(genirq, irq, 5);
    request(33);
    let last = desc.action!;
    while (last.next) last = last.next;
    expect(last.threadMask).toBe(1 << 4);
  });

  test('actions run in the order of their requests; the second does not start the line again', () => {
    const { desc, calls } = pair(SHARED, SHARED);
    expect([calls, desc.action!.name, desc.action!.next!.name]).toEqual([['irqUnmask'], 'one', 'two']);
    expect(logTexts(pair(SHARED | TRIGGER_RISING, SHARED | TRIGGER_RISING).smp)).toEqual([]);
  });

  test('a newcomer clears the counts and enables a line that was disabled as stuck', () => {
    const { genirq, irq, desc, data } = simple();
    requestIrq(genirq, irq, handled, SHARED, 'one', 1);
    desc.irqCount = desc.irqsUnhandled = 9;
    desc.istate |= IRQS.SPURIOUS_DISABLED;
    disableIrq(genirq, irq);
    requestIrq(genirq, irq, handled, SHARED, 'two', 2);
    expect([desc.irqCount, desc.irqsUnhandled, desc.istate & IRQS.SPURIOUS_DISABLED, desc.depth, data.common.state & IRQD.IRQ_DISABLED]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('free', () => {
  test('returns the name, shuts down, deactivates and releases after the last', () => {
    const { genirq, irq, data, desc, calls } = simple({ callbacks: ['irqMask', 'irqUnmask', 'irqReleaseResources'] });
    data.domain = { name: 'd', ops: { deactivate: () => void calls.push('deactivate') } };
    requestIrq(genirq, irq, handled, IRQF.SHARED, 'one', 1);
    requestIrq(genirq, irq, handled, IRQF.SHARED, 'two', 2);
    taken(calls);
    expect([freeIrq(genirq, irq, 1), taken(calls)]).toEqual(['one', []]);
    expect([freeIrq(genirq, irq, 2), calls]).toEqual(['two', ['irqMask', 'deactivate', 'irqReleaseResources']]);
    expect([desc.action, data.common.state & (IRQD.ACTIVATED | IRQD.IRQ_STARTED)]).toEqual([null, 0]);
  });

  test('deactivates with the descriptor locked, as activation does', () => {
    const { genirq, irq, data, desc } = simple();
    const locks: string[] = [];
    const note = (what: string): void => void locks.push(`${what} ${desc.lock.locked}`);
    data.domain = { name: 'd', ops: { activate: () => note('activate'), deactivate: () => note('deactivate') } };
    requestIrq(genirq, irq, handled, 0, 'x');
    freeIrq(genirq, irq);
    expect(locks).toEqual(['activate true', 'deactivate true']);
  });

  test('clears DISABLE_UNLAZY', () => {
    const { genirq, irq, desc } = simple();
    setStatusFlags(genirq, irq, IRQ.DISABLE_UNLAZY);
    requestIrq(genirq, irq, handled, 0, 'x');
    freeIrq(genirq, irq);
    expect(desc.settings).toBe(0);
  });

  test('of an unknown devId warns; without a descriptor nothing happens', () => {
    const { smp, genirq, irq } = simple();
    requestIrq(genirq, irq, handled, 0, 'x', 1);
    expect([freeIrq(genirq, irq, 2), freeIrq(genirq, 9)]).toEqual([null, null]);
    expect(findings(smp)).toEqual(['Trying to free already-free IRQ 0']);
  });

  test('in hard irq warns', () => {
    const { smp, genirq, irq } = simple();
    requestIrq(genirq, irq, handled, 0, 'x');
    trap(smp, () => freeIrq(genirq, irq));
    expect(findings(smp)).toContain('Trying to free IRQ 0 from IRQ context!');
  });

  test('drops an affinity notifier and a hint that were left, with warnings', () => {
    const { smp, genirq, irq, desc } = simple();
    requestIrq(genirq, irq, handled, 0, 'x');
    desc.affinityHint = smp.cpus.online;
    desc.affinityNotify = () => undefined;
    freeIrq(genirq, irq);
    expect([findings(smp).length, desc.affinityHint, desc.affinityNotify]).toEqual([2, null, null]);
  });
});

describe('nested and any-context requests', () => {
  test('a nested interrupt needs a thread function; its hard handler is a stub that warns', () => {
    const { smp, genirq, irq, desc } = simple();
    setNestedThread(genirq, irq, true);
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBe('EINVAL');
    requestThreadedIrq(genirq, irq, handled, handled, IRQF.ONESHOT, 'x', null);
    expect(desc.action!.handler(irq, null as never)).toBe(0);
    expect(findings(smp)).toEqual(['Primary handler called for nested irq 0']);
  });

  test('requestAnyContextIrq says where the handler runs', () => {
    const { genirq, irq, desc } = simple();
    expect(requestAnyContextIrq(genirq, irq, handled, 0, 'x')).toBe(IRQC.IS_HARDIRQ);
    freeIrq(genirq, irq);
    setNestedThread(genirq, irq, true);
    expect(requestAnyContextIrq(genirq, irq, handled, IRQF.ONESHOT, 'x')).toBe(IRQC.IS_NESTED);
    expect(desc.action!.threadFn).toBe(handled);
    expect(codeOf(() => requestAnyContextIrq(genirq, 9, handled, 0, 'x'))).toBe('EINVAL');
  });
});

describe('forced threading', () => {
  test('moves the handler into a thread and makes the line oneshot', () => {
    const { genirq, irq, desc } = makeBench({ threadirqs: true, flow: handleLevelIrq, callbacks: ['irqMask', 'irqUnmask'] });
    requestIrq(genirq, irq, handled, 0, 'x');
    expect([desc.action!.threadFn, desc.istate & IRQS.ONESHOT, desc.action!.secondary]).toEqual([handled, IRQS.ONESHOT, null]);
  });

  test.each<[string, number]>([['NO_THREAD', IRQF.NO_THREAD], ['PERCPU', IRQF.PERCPU]])('%s is left alone', (_name, flags) => {
    const { genirq, irq, desc } = simple({ threadirqs: true });
    requestIrq(genirq, irq, handled, flags, 'x');
    expect(desc.action!.handler).toBe(handled);
  });

  test('setting NOTHREAD is left alone', () => {
    const { genirq, irq, desc } = simple({ threadirqs: true });
    setNothread(genirq, irq);
    requestIrq(genirq, irq, () => IRQ_HANDLED, 0, 'x');
    expect(desc.action!.threadFn).toBeNull();
  });
});
