export { PlicHandler } from './handler.ts';
export { plic, plicEarly } from './plic.ts';
export { Plics, PLICS } from './plics.ts';
export { PlicPriv } from './priv.ts';
