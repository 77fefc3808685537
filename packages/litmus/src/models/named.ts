import { IrqError } from '@irqchip/smp';
import { LKMM } from './lkmm.ts';
import type { Model } from './model.ts';
import { RVWMO, rvwmoIo, type RiscvOptions } from './rvwmo.ts';
import { SC } from './sc.ts';
import { TSO } from './tso.ts';

/** Switches that some model has. */
export type ModelOptions = RiscvOptions;

export const MODELS: readonly string[] = ['lkmm', 'rvio', 'rvwmo', 'tso', 'sc'];

/** A model by its short name. @throws IrqError `EINVAL` for one that is not there. */
export function modelNamed(name: string, options: ModelOptions = {}): Model {
  const model = name === 'rvio' ? rvwmoIo(options) : [LKMM, RVWMO, TSO, SC].find((candidate) => candidate.name === name);
  if (!model) throw new IrqError('EINVAL', `There is no memory model '${name}'; the models are ${MODELS.join(', ')}.`);
  return model;
}
