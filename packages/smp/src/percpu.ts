/**
 * One value per CPU, made on first use. Holds what only its own CPU touches; what crosses CPUs belongs in {@link SharedWords}.
 * @kernel alloc_percpu
 */
export class PerCpu<T> {
  private readonly slots: (T | undefined)[] = [];

  constructor(private readonly make: (cpu: number) => T) {}

  /** The slot of `cpu`. @kernel per_cpu_ptr */
  get(cpu: number): T {
    const value = this.slots[cpu];
    return value === undefined ? (this.slots[cpu] = this.make(cpu)) : value;
  }

  /** @kernel per_cpu */
  set(cpu: number, value: T): void {
    this.slots[cpu] = value;
  }
}
