/** The APLIC's model against chapter 4 of the AIA specification, rule by rule. */
import { deliveryCases } from './cases/delivery.ts';
import { shake } from './cases/fuzz.ts';
import { messageCases } from './cases/messages.ts';
import { sourceCases } from './cases/sources.ts';
import { Board, R, runCase, type BoardOptions } from './hardware-board.ts';

describe('sources', () => {
  test.each(sourceCases)('$name', (specCase) => runCase(specCase));
});

describe('delivery to harts', () => {
  test.each(deliveryCases)('$name', (specCase) => runCase(specCase));
});

describe('messages', () => {
  test.each(messageCases)('$name', (specCase) => runCase(specCase));
});

/** Whatever is written, these hold between accesses (AIA 4.5.2, 4.7, 4.8). */
function expectInvariants(b: Board, label: string, isDirect: boolean): void {
  const config = Array.from({ length: 96 }, (_, k) => b.read(label, R.sourcecfg(k + 1)));
  const words = (register: (k: number) => number): number[] => [0, 1, 2, 3].map((k) => b.read(label, register(k)));
  const [pending, enabled, input] = [words(R.setip), words(R.setie), words(R.inClrip)];
  for (let source = 1; source <= 96; source++) {
    const mode = config[source - 1]! & 0x400 ? 0 : config[source - 1]!;
    const bit = (word: readonly number[]): number => (word[source >>> 5]! >>> (source & 31)) & 1;
    if (mode === 0) expect([bit(pending), bit(enabled), bit(input), b.read(label, R.target(source))]).toEqual([0, 0, 0, 0]);
    if (mode === 1) expect(bit(input)).toBe(0);
    if (mode >= 6 && isDirect) expect(bit(pending)).toBe(bit(input));
    if (mode >= 6 && !isDirect) expect(bit(pending) <= bit(input)).toBe(true);
  }
  if (!isDirect) return;
  const on = (b.read(label, R.domaincfg) & 0x100) !== 0;
  for (let hart = 0; hart < 4; hart++) {
    const asserted = b.read(label, R.iforce(hart)) === 1 || b.read(label, R.topi(hart)) !== 0;
    expect(b.line(hart, label === 'aplic_m' ? 11 : 9)).toBe(on && b.read(label, R.idelivery(hart)) === 1 && asserted);
  }
}

describe('whatever is written', () => {
  const boards: [string, BoardOptions][] = [
    ['direct', {}], ['msi', { mode: 'msi' }], ['msi, sent late', { mode: 'msi', guestBits: 1, aplic: { msiDelayNs: 70 } }], ['direct, cleared late', { aplic: { clearDelayNs: 70 } }],
  ];
  test.each(boards)('%s: the domains stay consistent, and nothing is thrown', (_, options) => {
    for (let seed = 1; seed <= 8; seed++) {
      const b = new Board(options);
      for (let part = 0; part < 10; part++) {
        shake(b, 100 * seed + part, 300);
        for (const label of ['aplic_m', 'aplic_s']) expectInvariants(b, label, options.mode !== 'msi');
      }
    }
  });

  test.each(['qemu-7.2', 'qemu-10.0', 'qemu-11.1'] as const)('with the quirks of %s nothing is thrown', (quirks) => {
    for (const mode of ['direct', 'msi'] as const) {
      const b = new Board({ mode, aplic: { quirks }, imsic: { quirks } });
      expect(() => shake(b, 7, 5000)).not.toThrow();
    }
  });
});
