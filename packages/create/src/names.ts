/** `my-mux` as a variable: `myMux`. */
export function camel(name: string): string {
  return name.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `my-mux` as a class: `MyMux`. */
export function pascal(name: string): string {
  const variable = camel(name);
  return variable.charAt(0).toUpperCase() + variable.slice(1);
}

/** A mask of the lowest `count` bits, 1 to 32, as source text. */
export function maskText(count: number): string {
  return `0x${(2 ** count - 1).toString(16)}`;
}
