import type { MsiMsg } from '@irqchip/genirq-core';
import type { Diagnostics } from '@irqchip/smp';
import { clearBits, type ImsicGlobalConfig } from '../imsic/config.ts';
import { APLIC } from '../registers.ts';
import type { AplicDevice } from './device.ts';

const TWO_32 = 0x1_0000_0000;
const PPN_SHIFT = APLIC.XMSICFGADDR_PPN_SHIFT;

/** Where the APLIC's messages go: which bits of a page number are hart index and group index. @kernel aplic_msicfg */
export interface AplicMsicfg {
  /** Page number with all index bits 0; up to 44 bits. */
  readonly basePpn: number;
  /** Position of the group index above bit 24 of the address, and its width. */
  readonly hhxs: number;
  readonly hhxw: number;
  /** Position of the hart index in the page number (what is below is the guest), and its width. */
  readonly lhxs: number;
  readonly lhxw: number;
}

type Layout = Omit<AplicMsicfg, 'basePpn'>;

/** Clears guest, hart and group index. */
function baseOf(ppn: number, { hhxs, hhxw, lhxs, lhxw }: Layout): number {
  return clearBits(clearBits(ppn, 0, lhxs + lhxw), hhxs + APLIC.XMSICFGADDR_PPN_HHX_SHIFT, hhxw);
}

/**
 * The layout of the IMSIC's pages in the APLIC's terms.
 * @throws IrqError `EINVAL` when they cannot express it; the log says what does not fit.
 */
export function aplicMsicfg(device: AplicDevice, imsic: ImsicGlobalConfig): AplicMsicfg {
  const least = 2 * PPN_SHIFT;
  const hhxs = imsic.groupIndexShift - least;
  const { guestIndexBits: lhxs, hartIndexBits: lhxw, groupIndexBits: hhxw } = imsic;
  const check = (bad: boolean, what: string): void => {
    if (bad) throw device.refuse('EINVAL', what, `The IMSIC node says: guest index ${lhxs} bits, hart index ${lhxw} bits, group index ${hhxw} bits from bit ${imsic.groupIndexShift}.`);
  };
  check(lhxs > APLIC.XMSICFGADDRH_LHXS_MASK, 'IMSIC guest index bits big for APLIC LHXS');
  check(lhxw > APLIC.XMSICFGADDRH_LHXW_MASK, 'IMSIC hart index bits big for APLIC LHXW');
  check(hhxw > APLIC.XMSICFGADDRH_HHXW_MASK, 'IMSIC group index bits big for APLIC HHXW');
  check(hhxs < 0, `IMSIC group index shift should be >= ${least}`);
  check(hhxs > APLIC.XMSICFGADDRH_HHXS_MASK, 'IMSIC group index shift big for APLIC HHXS');
  const layout = { hhxs, hhxw, lhxs, lhxw };
  return { ...layout, basePpn: baseOf(Math.floor(imsic.baseAddr / 2 ** PPN_SHIFT), layout) };
}

/** The two words of `mmsiaddrcfg` and `mmsiaddrcfgh`. */
export function msiaddrcfgWords({ basePpn, hhxs, hhxw, lhxs, lhxw }: AplicMsicfg): { low: number; high: number } {
  const high = (Math.floor(basePpn / TWO_32) & APLIC.XMSICFGADDRH_BAPPN_MASK)
    | (lhxw << APLIC.XMSICFGADDRH_LHXW_SHIFT) | (hhxw << APLIC.XMSICFGADDRH_HHXW_SHIFT)
    | (lhxs << APLIC.XMSICFGADDRH_LHXS_SHIFT) | (hhxs << APLIC.XMSICFGADDRH_HHXS_SHIFT);
  return { low: basePpn | 0, high };
}

/** The value of `target` that sends `msg`: what does not fit is reported, and cut off. */
export function msiTarget(cfg: AplicMsicfg, msg: MsiMsg, diagnostics: Diagnostics): number {
  const { hhxs, hhxw, lhxs, lhxw } = cfg;
  const data = msg.data >>> 0;
  const ppn = Math.floor(((msg.addressHi >>> 0) * TWO_32 + (msg.addressLo >>> 0)) / 2 ** PPN_SHIFT);
  const field = (from: number, bits: number): number => Math.floor(ppn / 2 ** from) % 2 ** bits;
  const hart = field(hhxs + APLIC.XMSICFGADDR_PPN_HHX_SHIFT, hhxw) * 2 ** lhxw + field(lhxs, lhxw);
  const at = `aplic_msi_write_msg: message 0x${data.toString(16)} to page 0x${ppn.toString(16)}`;
  diagnostics.warnOn(data > APLIC.TARGET_EIID_MASK, `${at}: the identity does not fit into the target register`);
  diagnostics.warnOn(baseOf(ppn, cfg) !== cfg.basePpn, `${at}: the address is not one of the IMSIC that this APLIC was set up for`);
  diagnostics.warnOn(hart > APLIC.TARGET_HART_IDX_MASK, `${at}: hart index ${hart} does not fit into the target register`);
  return ((hart & APLIC.TARGET_HART_IDX_MASK) << APLIC.TARGET_HART_IDX_SHIFT)
    | ((field(0, lhxs) & APLIC.TARGET_GUEST_IDX_MASK) << APLIC.TARGET_GUEST_IDX_SHIFT)
    | (data & APLIC.TARGET_EIID_MASK);
}
