// One JSON text in a thread of its own, so that parsing it holds nobody up. It comes in pieces and `null` ends it. What is then asked for
// is in the thread's data: `keep` gives it back in our own writing, with the parts that expressions name; `load` gives it piece by piece.
const { parentPort, workerData } = require('node:worker_threads');

const { job, wanted, inlineBytes, limitBytes, forms, forbidden, deepest, mask } = workerData;
const PIECE = 64 * 1024;

const pieces = [];
parentPort.on('message', (message) => {
  if (message === 'next') next();
  else if (message !== null) pieces.push(message);
  else begin();
});

let rest;
function begin() {
  let value;
  try {
    const bytes = Buffer.concat(pieces);
    pieces.length = 0;
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    parentPort.postMessage({ fault: `The text is no JSON: ${error.message}.` });
    return;
  }
  const fault = job === 'keep' ? faultOf(value) : undefined;
  if (fault !== undefined) parentPort.postMessage({ fault });
  else if (job === 'keep') keep(forms.length > 0 ? masked(value) : value);
  else {
    rest = portions(value);
    next();
  }
}

/** Depth and keys, as for any JSON from outside. */
function faultOf(root) {
  const stack = [[root, 1]];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const [value, depth] = entry;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > deepest) return `The JSON is nested deeper than ${deepest} levels.`;
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === 'object') stack.push([item, depth + 1]);
    } else
      for (const key of Object.keys(value)) {
        if (forbidden.includes(key)) return `The JSON holds the key "${key}", which is not allowed.`;
        if (typeof value[key] === 'object') stack.push([value[key], depth + 1]);
      }
  }
  return undefined;
}

function maskedText(text) {
  return forms.reduce((masked, form) => (masked.includes(form) ? masked.split(form).join(mask) : masked), text);
}

function masked(value) {
  if (typeof value === 'string') return maskedText(value);
  if (typeof value === 'number') return maskedText(String(value)) === String(value) ? value : mask;
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [maskedText(key), masked(item)]));
}

function keep(value) {
  const bytes = bytesOf(value);
  if (bytes.length <= inlineBytes) return parentPort.postMessage({ value });
  if (bytes.length > limitBytes) return parentPort.postMessage({ tooLarge: true });
  let room = inlineBytes;
  const transfer = [bytes.buffer];
  const partsOf = (from, tree) =>
    tree.children.map(([key, child]) => {
      const list = Array.isArray(from);
      const isThere = list ? typeof key === 'number' && key < from.length : isObject(from) && Object.hasOwn(from, key);
      if (!isThere) return [key, null];
      const part = from[key];
      const text = bytesOf(part);
      if (text.length <= room) {
        room -= text.length;
        return [key, { value: part }];
      }
      const node = { parts: partsOf(part, child) };
      if (!child.isWhole) return [key, node];
      transfer.push(text.buffer);
      return [key, { ...node, bytes: text }];
    });
  const parts = partsOf(value, wanted);
  return parentPort.postMessage({ bytes, parts }, transfer);
}

/** Memory of its own, fit to be handed over. */
const bytesOf = (value) => new TextEncoder().encode(JSON.stringify(value));

const isObject = (value) => typeof value === 'object' && value !== null;

// Loading: what comes is put together by a stack. `[` and `{` open, `]` closes, `+` adds small items or entries, `.` names what is opened next.

function next() {
  const { value, done } = rest.next();
  parentPort.postMessage(done ? { done: true } : { portion: value });
}

function* portions(root) {
  let portion = [];
  let size = 0;
  const out = [];
  const emit = (operation, weight) => {
    portion.push(operation);
    size += weight;
    if (size < PIECE) return;
    out.push(portion);
    portion = [];
    size = 0;
  };
  function* walk(value) {
    if (weigh(value) <= PIECE || !isObject(value)) {
      emit(['=', value], weigh(value));
      yield;
      return;
    }
    const list = Array.isArray(value);
    emit([list ? '[' : '{'], 1);
    let few = list ? [] : {};
    let fewSize = 0;
    const flush = () => {
      if (fewSize > 0) emit(['+', few], fewSize);
      few = list ? [] : {};
      fewSize = 0;
    };
    const keys = list ? value.keys() : Object.keys(value);
    for (const key of keys) {
      const item = value[key];
      const weight = weigh(item);
      if (weight <= PIECE) {
        if (list) few.push(item);
        else few[key] = item;
        fewSize += weight + 8;
        if (fewSize >= PIECE / 4) {
          flush();
          yield;
        }
      } else {
        flush();
        if (!list) emit(['.', key], 8);
        yield* walk(item);
      }
    }
    flush();
    emit([']'], 1);
    yield;
  }
  for (const _step of walk(root)) while (out.length > 0) yield out.shift();
  if (portion.length > 0) out.push(portion);
  yield* out;
}

/** About the characters of a value, counted as far as it is small. */
function weigh(root) {
  let size = 0;
  const stack = [root];
  while (stack.length > 0 && size <= PIECE) {
    const value = stack.pop();
    size += typeof value === 'string' ? value.length + 8 : 8;
    if (isObject(value)) {
      if (Array.isArray(value)) {
        if (value.length > PIECE / 8) return PIECE + 1;
        stack.push(...value);
      } else
        for (const key of Object.keys(value)) {
          size += key.length;
          if (size > PIECE) return size;
          stack.push(value[key]);
        }
    }
  }
  return size;
}
