import { readFileSync } from 'node:fs';
import { checkConsumers, type ConsumerSpec } from '@irqchip/machine';
import { IrqError } from '@irqchip/smp';

/**
 * Reads which device requests which interrupt.
 * @throws IrqError `ENOENT` when the file cannot be read, `EINVAL` when it is no JSON, or not that of a list of consumers.
 */
export function readConsumers(file: string): readonly ConsumerSpec[] {
  return checkConsumers(parse(file, readText(file)));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new IrqError('ENOENT', `cannot read the consumers: ${(error as Error).message}`);
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new IrqError('EINVAL', `${file} is no JSON: ${(error as Error).message}`);
  }
}
