/**
 * Clears that have left the hart and not arrived. Sets overtake them, as a write of another hart may: a clear that arrives
 * late takes a set away that came in between.
 */
export class PostedClears {
  private readonly queue: number[] = [];

  constructor(private readonly arrive: (index: number) => void) {}

  get count(): number { return this.queue.length; }

  post(index: number): void { this.queue.push(index); }

  /** In the order they left. */
  flush(): void {
    for (const index of this.queue.splice(0)) this.arrive(index);
  }
}
