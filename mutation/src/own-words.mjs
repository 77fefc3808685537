// What says nothing about behaviour and is left unmutated: the texts of errors and findings, which are this project's own words.
// Error codes, the kinds of findings, and what the kernel prints to its log stay in.

/** Callee to the arguments that are text. */
const TEXTS = {
  IrqError: [1],
  report: [1],
  warnOn: [1],
  warnOnce: [1],
  waitUntil: [1],
  // The refusals of some files: who asked, and what would help.
  refuse: [0, 3],
  noSuchIrq: [1],
  lacks: [1],
  badChain: [2],
  mightSleep: [1],
  levelOf: [2],
  idleDesc: [2],
  update: [2],
  must: [2],
  mismatch: [3],
  requireOnline: [2],
  // The locks: who takes them.
  locked: [0],
  reading: [0],
  writing: [0],
  changing: [0],
  plugging: [0],
  assertCpusHeld: [0],
  // Names of tokens: whatever they are, both sides use the same one.
  serviceToken: [0, 1],
};

/** Parameters that stand for such a text, with a default. */
const TEXT_PARAMETERS = ['what'];

export const ownWords = {
  /** `path` is the syntax node that may be mutated, with its place in the tree. */
  shouldIgnore(path) {
    const { node, key, parentPath } = path;
    if (!isText(node)) return undefined;
    const argument = path.listKey === 'arguments' && TEXTS[nameOf(parentPath.node.callee)]?.includes(key);
    const parameter = parentPath?.isAssignmentPattern() && TEXT_PARAMETERS.includes(parentPath.node.left.name);
    return argument || parameter ? 'text of an error or a finding' : undefined;
  },
};

function nameOf(callee) {
  return callee.type === 'MemberExpression' ? callee.property.name : callee.name;
}

/** Text, or text that depends on something. */
function isText(node) {
  if (node.type === 'ConditionalExpression') return isText(node.consequent) && isText(node.alternate);
  if (node.type === 'BinaryExpression') return isText(node.left) || isText(node.right);
  return node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
}
