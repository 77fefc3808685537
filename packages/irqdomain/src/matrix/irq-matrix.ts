import { CpuMask, IrqError, type Diagnostics } from '@irqchip/smp';
import { matrixDebugShow } from './debug-show.ts';

/** Where a bit was allocated. */
export interface MatrixBit {
  readonly cpu: number;
  readonly bit: number;
}

/** One CPU's part. @kernel cpumap */
export class MatrixCpu {
  available = 0;
  allocated = 0;
  managed = 0;
  managedAllocated = 0;
  initialized = false;
  online = false;
  /** A mask serves as the bitmap; its members are bits, not CPUs. */
  readonly allocMap: CpuMask;
  readonly managedMap: CpuMask;

  constructor(bits: number) {
    this.allocMap = new CpuMask(bits);
    this.managedMap = new CpuMask(bits);
  }
}

/**
 * Spreads interrupts that each need a bit (a vector, an interrupt identity) on one CPU of many. The caller locks.
 *
 * Between calls this holds: `globalAvailable` is the sum of `available` of the online CPUs, and no bit is both allocated and a
 * system bit.
 * @kernel irq_matrix
 */
export class IrqMatrix {
  readonly bits: number;
  private readonly start: number;
  private readonly end: number;
  private readonly cpus: MatrixCpu[] = [];
  private readonly system: CpuMask;
  private readonly diagnostics: Diagnostics | null;
  private systemInAlloc = 0;
  private available_ = 0;
  private reserved_ = 0;
  private allocated_ = 0;
  private online_ = 0;

  /**
   * @param bits - how many bits a CPU has.
   * @param allocStart - the first bit that may be allocated.
   * @param allocEnd - the first bit after those.
   * @param diagnostics - told of bits that are freed or assigned twice.
   * @throws IrqError `EINVAL` for a range outside the bits.
   * @kernel irq_alloc_matrix
   */
  constructor(nrCpus: number, bits: number, allocStart: number, allocEnd: number, diagnostics: Diagnostics | null = null) {
    if (!(allocStart >= 0 && allocStart < allocEnd && allocEnd <= bits)) {
      throw new IrqError('EINVAL', `A matrix of ${bits} bits cannot allocate from ${allocStart} up to ${allocEnd}.`);
    }
    this.bits = bits;
    this.start = allocStart;
    this.end = allocEnd;
    this.system = new CpuMask(bits);
    this.diagnostics = diagnostics;
    for (let cpu = 0; cpu < nrCpus; cpu++) this.cpus.push(new MatrixCpu(bits));
  }

  /** Bits that can still be allocated on online CPUs. @kernel irq_matrix.global_available */
  get globalAvailable(): number { return this.available_; }
  /** @kernel irq_matrix_reserved */
  get globalReserved(): number { return this.reserved_; }
  /** @kernel irq_matrix.total_allocated */
  get totalAllocated(): number { return this.allocated_; }
  /** @kernel irq_matrix.online_maps */
  get onlineMaps(): number { return this.online_; }
  /** Bits that no CPU may allocate. */
  get systemMap(): CpuMask { return this.system; }

  /** The part of one CPU. @throws IrqError `EINVAL` for a CPU that does not exist. */
  cpu(cpu: number): MatrixCpu {
    const map = this.cpus[cpu];
    if (!map) throw new IrqError('EINVAL', `The matrix has CPUs 0 to ${this.cpus.length - 1}, not ${cpu}.`);
    return map;
  }

  /** Lets `cpu` take part; what it had allocated before it went offline still counts. @throws IrqError `EINVAL` twice. @kernel irq_matrix_online */
  online(cpu: number): void {
    const map = this.cpu(cpu);
    if (map.online) throw new IrqError('EINVAL', `CPU ${cpu} is online in the matrix already; the kernel stops here.`);
    if (!map.initialized) {
      map.available = this.end - this.start - map.managed - this.systemInAlloc;
      map.initialized = true;
    }
    this.available_ += map.available;
    map.online = true;
    this.online_++;
  }

  /** Keeps `cpu` from further allocations. @kernel irq_matrix_offline */
  offline(cpu: number): void {
    const map = this.cpu(cpu);
    this.available_ -= map.available;
    map.online = false;
    this.online_--;
  }

  /**
   * Takes a bit away from every CPU. Before the CPUs come online; with `replace` while one is, whose bit it was.
   * @throws IrqError `EINVAL` where the kernel stops: a bit that does not exist, too many CPUs online, or nothing to replace.
   * @kernel irq_matrix_assign_system
   */
  assignSystem(bit: number, replace: boolean = false, cpu: number = 0): void {
    const map = this.cpu(cpu);
    const late = this.online_ > 1 || (this.online_ > 0 && !replace);
    if (bit < 0 || bit >= this.bits || late || (replace && !map.allocMap.test(bit))) {
      throw new IrqError('EINVAL', `Bit ${bit} cannot become a system bit: it must be one of ${this.bits}, be assigned before CPUs come online${replace ? ', and have been allocated' : ''}.`);
    }
    this.system.set(bit);
    if (replace) {
      map.allocMap.clear(bit);
      map.allocated--;
      this.allocated_--;
    }
    if (this.inRange(bit)) this.systemInAlloc++;
  }

  /** Marks a bit that is in use already. @kernel irq_matrix_assign */
  assign(cpu: number, bit: number): void {
    const map = this.cpu(cpu);
    if (this.warn(!this.inRange(bit), `irq_matrix_assign: bit ${bit} is outside ${this.start}-${this.end - 1}`)) return;
    if (this.warn(map.allocMap.test(bit), `irq_matrix_assign: bit ${bit} of CPU ${cpu} is allocated`)) return;
    this.take(map, bit);
  }

  /**
   * Allocates the lowest free bit of the online CPU of `mask` that has most left; of equal ones the first.
   * @param reserved - it was announced by {@link reserve}.
   * @throws IrqError `EINVAL` for an empty mask, `ENOSPC` when no online CPU of it has a bit left.
   * @kernel irq_matrix_alloc
   */
  alloc(mask: CpuMask, reserved: boolean = false): MatrixBit {
    this.needCpus(mask);
    let best = -1;
    let most = 0;
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
      const { online, available } = this.cpu(cpu);
      if (!online || available <= most) continue;
      best = cpu;
      most = available;
    }
    if (best < 0) throw this.full(mask);
    const map = this.cpu(best);
    const bit = this.findFree(map);
    if (bit < 0) throw this.full(mask);
    this.take(map, bit);
    if (reserved) this.reserved_--;
    return { cpu: best, bit };
  }

  /** Gives a bit back; one that was not allocated is reported. @kernel irq_matrix_free */
  free(cpu: number, bit: number, managed: boolean = false): void {
    const map = this.cpu(cpu);
    if (this.warn(!this.inRange(bit), `irq_matrix_free: bit ${bit} is outside ${this.start}-${this.end - 1}`)) return;
    if (this.warn(!map.allocMap.test(bit), `irq_matrix_free: bit ${bit} of CPU ${cpu} is free`)) return;
    map.allocMap.clear(bit);
    map.allocated--;
    if (managed) map.managedAllocated--;
    if (map.online) this.allocated_--;
    if (managed) return;
    map.available++;
    if (map.online) this.available_++;
  }

  /**
   * Sets one bit aside on every CPU of `mask`, online or not.
   * @throws IrqError `ENOSPC` when one has none left; then none is set aside.
   * @kernel irq_matrix_reserve_managed
   */
  reserveManaged(mask: CpuMask): void {
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
      const map = this.cpu(cpu);
      const bit = this.findFree(map);
      if (bit < 0) {
        for (let done = mask.first(); done < cpu; done = mask.next(done)) this.removeManagedOn(done);
        throw this.full(mask);
      }
      map.managedMap.set(bit);
      map.managed++;
      if (map.online) {
        map.available--;
        this.available_--;
      }
    }
  }

  /** Undoes {@link reserveManaged} for bits that were not allocated since. @kernel irq_matrix_remove_managed */
  removeManaged(mask: CpuMask): void {
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) this.removeManagedOn(cpu);
  }

  /**
   * Allocates a bit that was set aside, on the online CPU of `mask` with fewest of those allocated; of equal ones the last.
   * @throws IrqError `EINVAL` for an empty mask, `ENOSPC` when there is none.
   * @kernel irq_matrix_alloc_managed
   */
  allocManaged(mask: CpuMask): MatrixBit {
    this.needCpus(mask);
    let best = -1;
    let fewest = Number.MAX_SAFE_INTEGER;
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
      const { online, managedAllocated } = this.cpu(cpu);
      if (!online || managedAllocated > fewest) continue;
      best = cpu;
      fewest = managedAllocated;
    }
    if (best < 0) throw this.full(mask);
    const map = this.cpu(best);
    const bit = map.managedMap.andNot(map.allocMap).first();
    if (bit >= this.end) throw this.full(mask);
    map.allocMap.set(bit);
    map.allocated++;
    map.managedAllocated++;
    this.allocated_++;
    return { cpu: best, bit };
  }

  /** Announces an allocation to come. Returns false, as a warning, when more are announced than can be had. @kernel irq_matrix_reserve */
  reserve(): boolean {
    const enough = this.reserved_ !== this.available_;
    this.reserved_++;
    return enough;
  }

  /** Takes an announcement back. @kernel irq_matrix_remove_reserved */
  removeReserved(): void {
    this.reserved_--;
  }

  /** Bits left; with `goingDown` without those of that CPU. @kernel irq_matrix_available */
  available(goingDown: number = -1): number {
    return goingDown < 0 ? this.available_ : this.available_ - this.cpu(goingDown).available;
  }

  /** Bits allocated on `cpu`. @kernel irq_matrix_allocated */
  allocated(cpu: number): number {
    return this.cpu(cpu).allocated;
  }

  /** Lines for a domain's debugfs file; `online` are the CPUs to list. @kernel irq_matrix_debug_show */
  debugShow(indent: number, online: CpuMask): string[] {
    return matrixDebugShow(this, indent, online);
  }

  private take(map: MatrixCpu, bit: number): void {
    map.allocMap.set(bit);
    map.allocated++;
    map.available--;
    this.allocated_++;
    this.available_--;
  }

  private removeManagedOn(cpu: number): void {
    const map = this.cpu(cpu);
    const bit = map.managedMap.andNot(map.allocMap).first();
    if (this.warn(bit >= this.end, `irq_matrix_remove_managed: CPU ${cpu} has no managed bit that is not allocated`)) return;
    map.managedMap.clear(bit);
    map.managed--;
    if (!map.online) return;
    map.available++;
    this.available_++;
  }

  /** The lowest bit of the range that is neither allocated, managed nor the system's; -1 for none. @kernel matrix_alloc_area */
  private findFree(map: MatrixCpu): number {
    for (let bit = this.start; bit < this.end; bit++) {
      if (!map.allocMap.test(bit) && !map.managedMap.test(bit) && !this.system.test(bit)) return bit;
    }
    return -1;
  }

  private inRange(bit: number): boolean {
    return bit >= this.start && bit < this.end;
  }

  private warn(condition: boolean, message: string): boolean {
    return this.diagnostics ? this.diagnostics.warnOnce(condition, message) : condition;
  }

  private needCpus(mask: CpuMask): void {
    if (mask.isEmpty()) throw new IrqError('EINVAL', 'An interrupt cannot be allocated for no CPU at all; give a mask with at least one.');
  }

  private full(mask: CpuMask): IrqError {
    return new IrqError('ENOSPC', `No bit is left on any online CPU of ${mask.toList()}; ${this.online_} CPUs are online, ${this.available_} bits free.`);
  }
}
