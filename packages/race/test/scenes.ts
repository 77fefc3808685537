import type { MuxSceneOptions } from '../src/index.ts';

type SceneShape = Omit<MuxSceneOptions, 'name' | 'provider'>;

/** What targets and senders do. */
export const SHAPES: Readonly<Record<string, SceneShape>> = {
  'one sender': { sends: [0], enabled: [0] },
  'two senders, same bit': { sends: [0, 0], enabled: [0] },
  'masked, then unmasked by the target': { sends: [0], enabled: [], target: [['unmask', 0]] },
  'masked and unmasked while sending': { sends: [0], enabled: [0], target: [['mask', 0], ['unmask', 0]] },
  'masked for good': { sends: [0], enabled: [0], target: [['mask', 0]] },
  'self-send in the handler': { sends: [0], enabled: [0, 1], selfSend: 1 },
  'two vIPIs': { sends: [0, 1], enabled: [0, 1] },
  'one of two vIPIs masked': { sends: [0, 1], enabled: [0, 1], target: [['mask', 1]] },
};
