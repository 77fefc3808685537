import { APLIC } from '../../src/registers.ts';
import type { ImsicLayout } from '../imsic/imsic.ts';
import type { AplicOptions } from './options.ts';

const FIELDS = {
  hhxs: [APLIC.XMSICFGADDRH_HHXS_SHIFT, APLIC.XMSICFGADDRH_HHXS_MASK],
  lhxs: [APLIC.XMSICFGADDRH_LHXS_SHIFT, APLIC.XMSICFGADDRH_LHXS_MASK],
  hhxw: [APLIC.XMSICFGADDRH_HHXW_SHIFT, APLIC.XMSICFGADDRH_HHXW_MASK],
  lhxw: [APLIC.XMSICFGADDRH_LHXW_SHIFT, APLIC.XMSICFGADDRH_LHXW_MASK],
} as const;

const field = (word: number, name: keyof typeof FIELDS): number => (word >>> FIELDS[name][0]) & FIELDS[name][1];
const inPlace = (name: keyof typeof FIELDS): number => FIELDS[name][1] << FIELDS[name][0];

/** What `mmsiaddrcfgh` holds (AIA 4.5.3). */
const MACHINE_HIGH = APLIC.XMSICFGADDRH_L | inPlace('hhxs') | inPlace('lhxs') | inPlace('hhxw') | inPlace('lhxw') | APLIC.XMSICFGADDRH_BAPPN_MASK;
/** What `smsiaddrcfgh` holds (AIA 4.5.4). */
const SUPERVISOR_HIGH = inPlace('lhxs') | APLIC.XMSICFGADDRH_BAPPN_MASK;

/** A page number of 44 bits and more, in two halves. */
interface Ppn { lo: number; hi: number }

function orShifted(ppn: Ppn, value: number, shift: number): void {
  if (shift >= 32) ppn.hi |= value << (shift - 32);
  else {
    ppn.lo |= value << shift;
    if (shift > 0) ppn.hi |= value >>> (32 - shift);
  }
}

/** The MSI address configuration registers of a root domain, and the sum that they are for. */
export class MsiAddresses {
  private mLo = 0;
  private mHi = 0;
  private sLo = 0;
  private sHi = 0;
  private readonly sum: Ppn = { lo: 0, hi: 0 };

  constructor(private readonly options: AplicOptions) {}

  read(offset: number): number {
    switch (offset) {
      case APLIC.MMSICFGADDR: return this.mLo;
      case APLIC.MMSICFGADDRH: return this.mHi;
      case APLIC.SMSICFGADDR: return this.sLo;
      default: return this.sHi;
    }
  }

  /** L locks all four (AIA 4.5.3, 4.5.4). */
  write(offset: number, value: number): void {
    const locked = (this.mHi & APLIC.XMSICFGADDRH_L) !== 0;
    if (locked && (offset <= APLIC.MMSICFGADDRH || !this.options.lockLeavesSupervisor)) return;
    if (offset === APLIC.MMSICFGADDR) this.mLo = value | 0;
    else if (offset === APLIC.MMSICFGADDRH) this.mHi = value & MACHINE_HIGH;
    else if (offset === APLIC.SMSICFGADDR) this.sLo = value | 0;
    else this.sHi = value & (this.options.supervisorFieldsOwn ? MACHINE_HIGH : SUPERVISOR_HIGH);
  }

  /** What firmware would program for interrupt files laid out so; both levels get the same. */
  preset({ base, guestIndexBits, hartIndexBits, groupIndexBits, groupIndexShift }: ImsicLayout): void {
    const inGroup = base % 2 ** groupIndexShift;
    const inHarts = inGroup - (inGroup % 2 ** (12 + guestIndexBits + hartIndexBits));
    const ppn = (base - (base % 2 ** (groupIndexShift + groupIndexBits)) + inHarts) / 0x1000;
    this.mLo = this.sLo = ppn | 0;
    const high = Math.floor(ppn / 0x1_0000_0000) & APLIC.XMSICFGADDRH_BAPPN_MASK;
    const lhxs = guestIndexBits << APLIC.XMSICFGADDRH_LHXS_SHIFT;
    this.sHi = high | lhxs;
    this.mHi = high | lhxs | hartIndexBits << APLIC.XMSICFGADDRH_LHXW_SHIFT | groupIndexBits << APLIC.XMSICFGADDRH_HHXW_SHIFT
      | (groupIndexBits === 0 ? 0 : groupIndexShift - 24) << APLIC.XMSICFGADDRH_HHXS_SHIFT;
  }

  /** Where a message goes (AIA 4.9.1); in bytes. Hart indexes of supervisor and machine level are taken to be the same. */
  address(supervisor: boolean, hart: number, guest: number): number {
    const own = supervisor ? this.sHi : this.mHi;
    const shared = supervisor && this.options.supervisorFieldsOwn ? this.sHi : this.mHi;
    const lhxs = field(own, 'lhxs');
    const lhxw = field(shared, 'lhxw');
    const g = (hart >>> lhxw) & ((1 << field(shared, 'hhxw')) - 1);
    const h = hart & ((1 << lhxw) - 1);
    const { sum } = this;
    sum.lo = supervisor ? this.sLo : this.mLo;
    sum.hi = own & APLIC.XMSICFGADDRH_BAPPN_MASK;
    orShifted(sum, g, field(shared, 'hhxs') + APLIC.XMSICFGADDR_PPN_HHX_SHIFT);
    orShifted(sum, h, lhxs);
    orShifted(sum, this.options.guestIndexWithinLhxs ? guest & ((1 << lhxs) - 1) : guest, 0);
    return ((sum.hi >>> 0) * 0x1_0000_0000 + (sum.lo >>> 0)) * 0x1000;
  }
}
