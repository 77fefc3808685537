/** What differs from kind to kind. */
export interface Parts {
  readonly registers: string;
  readonly driver: string;
  readonly model: string;
  readonly suite: string;
  /** What the README says of this kind. */
  readonly says: string;
  /** Packages of ours that the driver imports, without the scope. */
  readonly uses: readonly string[];
}
