// Runs the workspace's TypeScript sources directly:
//   node --conditions=@irqchip/source --import ./scripts/register-ts.mjs FILE.ts
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
