import { FORBIDDEN_KEYS, pointerTo } from '@flow/kernel';
import type { Faults } from './faults';

/** Deeper than 32 nested bodies with their parameters ever are (131 levels of them); within it recursion is safe. */
const DEEPEST = 200;
/** Far more than 1,000 steps need, and few enough to be walked at once. */
const MOST_VALUES = 100_000;
const UNSTORABLE = /[\u0000\p{Surrogate}]/u;

interface Visit {
  readonly value: unknown;
  readonly depth: number;
  readonly parent: Visit | undefined;
  readonly key: string | number;
}

/**
 * Whether a value is JSON data that the rest of the checks can walk without care: plain, of bounded depth and size, without
 * keys that name JavaScript's machinery and without text that stores cannot keep. Tells every fault; never recurses.
 */
export function checkData(root: unknown, faults: Faults): boolean {
  const before = faults.all.length;
  const stack: Visit[] = [{ value: root, depth: 0, parent: undefined, key: '' }];
  let count = 1;
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    const { value, depth } = visit;
    if (typeof value === 'string') {
      if (UNSTORABLE.test(value))
        faults.add(pointerOf(visit), 'text.not_storable', 'The text holds U+0000 or half of a surrogate pair.');
    } else if (typeof value === 'object' && value !== null) {
      if (depth >= DEEPEST) {
        faults.add('', 'dag.too_deep', `The definition nests deeper than ${DEEPEST} levels.`);
        return false;
      }
      count += Array.isArray(value) ? value.length : Object.keys(value).length;
      if (count > MOST_VALUES) {
        faults.add('', 'dag.too_large', `The definition has more than ${MOST_VALUES} values.`);
        return false;
      }
      if (!pushChildren(visit, value, stack, faults)) faults.add(pointerOf(visit), 'field.not_json', NOT_JSON);
    } else if (value !== null && typeof value !== 'boolean' && !(typeof value === 'number' && Number.isFinite(value))) {
      faults.add(pointerOf(visit), 'field.not_json', NOT_JSON);
    }
  }
  return faults.all.length === before;
}

const NOT_JSON = 'The value is no JSON data.';

/** False when the object is no plain one. */
function pushChildren(visit: Visit, value: object, stack: Visit[], faults: Faults): boolean {
  const depth = visit.depth + 1;
  if (Array.isArray(value)) {
    for (let i = value.length - 1; i >= 0; i -= 1)
      stack.push({ value: value[i] as unknown, depth, parent: visit, key: i });
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // Object.prototype, of whichever realm: the one that has nothing above it.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  const keys = Object.keys(value);
  for (let i = keys.length - 1; i >= 0; i -= 1) {
    const key = keys[i] ?? '';
    if (FORBIDDEN_KEYS.has(key))
      faults.add(pointerTo(pointerOf(visit), key), 'key.forbidden', `The key "${key}" cannot be used.`);
    else if (UNSTORABLE.test(key))
      faults.add(pointerOf(visit), 'text.not_storable', 'A key holds U+0000 or half of a surrogate pair.');
    else stack.push({ value: (value as Record<string, unknown>)[key], depth, parent: visit, key });
  }
  return true;
}

/** Made only for faults: walking up is cheaper than carrying pointers along. */
function pointerOf(visit: Visit): string {
  const keys: (string | number)[] = [];
  for (let at = visit; at.parent; at = at.parent) keys.push(at.key);
  return keys.reduceRight<string>((pointer, key) => pointerTo(pointer, key), '');
}
