/** What %ps prints for a function: its name as the kernel would spell it, `handlePercpuDevidIrq` → `handle_percpu_devid_irq`. */
export function flowSymbol(flow: { readonly name: string }): string {
  const name = flow.name.replace(/^bound /, '');
  return name === '' ? '(anonymous)' : name.replace(/[A-Z]/g, (letter, at: number) => (at > 0 ? '_' : '') + letter.toLowerCase());
}
