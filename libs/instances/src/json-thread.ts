import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FORBIDDEN_KEYS, LargeValueClosed, type Json } from '@flow/kernel';
import { MASK } from '@flow/secrets';

/** Parts that are wanted of a value, as a tree of keys; whole ones may be handed on themselves. */
export interface WantedTree {
  readonly isWhole: boolean;
  readonly children: readonly (readonly [string | number, WantedTree])[];
}

/** A part that was found: small, or as bytes of JSON of its own when it is wanted whole; null when it is not there. */
export type FoundParts = readonly (readonly [string | number, FoundPart | null])[];
export type FoundPart = { readonly value: Json } | { readonly bytes?: Uint8Array; readonly parts: FoundParts };

/** What a text came to: small enough to be held, or bytes in our own writing and the wanted parts. */
export type KeptJson =
  | { readonly value: Json }
  | { readonly bytes: Uint8Array; readonly parts: FoundParts }
  | { readonly fault: string }
  | { readonly tooLarge: true };

type Operation =
  | readonly ['=', Json]
  | readonly ['.', string]
  | readonly ['+', readonly Json[] | Record<string, Json>]
  | readonly ['[' | '{' | ']'];

type Message = KeptJson | { readonly portion: readonly Operation[] } | { readonly done: true };

const FILE = join(__dirname, 'json-thread.worker.cjs');
const DEEPEST = 200;
/** What one text may take in its thread; JSON of 64 MiB that is all small things takes some ten times as much. */
const HEAP_MIB = 1_200;

/** Reads JSON in another thread. One text at a time, each in a thread of its own, so that its memory is bounded and given back. */
export class JsonThread {
  private last: Promise<unknown> = Promise.resolve();

  /** Checks the text, hides what is secret in it, and takes wanted parts out of it. */
  keep(
    source: AsyncIterable<Uint8Array>,
    ask: {
      readonly wanted: WantedTree;
      readonly inlineBytes: number;
      readonly limitBytes: number;
      readonly forms: readonly string[];
    },
  ): Promise<KeptJson> {
    return this.inTurn(
      () =>
        new Promise((resolve, reject) => {
          const worker = this.open({ job: 'keep', ...ask });
          worker.on('message', (message: KeptJson) => {
            resolve(message);
            void worker.terminate();
          });
          this.feed(worker, source, reject);
        }),
    );
  }

  /** The value of the text, put together here in small portions: others get their turn in between. */
  load(source: AsyncIterable<Uint8Array>): Promise<Json> {
    return this.inTurn(
      () =>
        new Promise((resolve, reject) => {
          const worker = this.open({ job: 'load', forms: [] });
          const assembly = new Assembly();
          worker.on('message', (message: Message) => {
            if ('portion' in message) {
              assembly.take(message.portion);
              setImmediate(() => worker.postMessage('next'));
              return;
            }
            if ('fault' in message) reject(new LargeValueClosed(message.fault));
            else resolve(assembly.value);
            void worker.terminate();
          });
          this.feed(worker, source, reject);
        }),
    );
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work, work);
    this.last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  private open(data: object): Worker {
    return new Worker(FILE, {
      workerData: { ...data, forbidden: [...FORBIDDEN_KEYS], deepest: DEEPEST, mask: MASK },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
  }

  private feed(worker: Worker, source: AsyncIterable<Uint8Array>, reject: (error: unknown) => void): void {
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(isFull ? new LargeValueClosed('The JSON has so many parts that it cannot be read.') : error);
    });
    worker.on('exit', () => reject(new Error('The thread that reads JSON ended before its answer.')));
    const send = async () => {
      for await (const piece of source) {
        // A view would take along all of the memory that it looks into.
        const own = new Uint8Array(piece);
        worker.postMessage(own, [own.buffer]);
      }
      worker.postMessage(null);
    };
    send().catch((error: unknown) => {
      reject(error);
      void worker.terminate();
    });
  }
}

/** A value that is put together from portions. */
class Assembly {
  value: Json = null;
  private readonly open: { readonly holder: Json[] | Record<string, Json>; readonly key: string | undefined }[] = [];
  private key: string | undefined;

  take(operations: readonly Operation[]): void {
    for (const operation of operations) this.apply(operation);
  }

  private apply(operation: Operation): void {
    switch (operation[0]) {
      case '=':
        this.put(operation[1]);
        break;
      case '.':
        this.key = operation[1];
        break;
      case '[':
      case '{':
        this.open.push({ holder: operation[0] === '[' ? [] : {}, key: this.key });
        break;
      case ']': {
        const ended = this.open.pop();
        this.key = ended?.key;
        this.put(ended?.holder ?? null);
        break;
      }
      case '+': {
        const holder = this.open.at(-1)?.holder;
        if (Array.isArray(holder)) for (const item of operation[1] as readonly Json[]) holder.push(item);
        else Object.assign(holder ?? {}, operation[1]);
        break;
      }
    }
  }

  private put(value: Json): void {
    const holder = this.open.at(-1)?.holder;
    if (!holder) this.value = value;
    else if (Array.isArray(holder)) holder.push(value);
    else holder[this.key ?? ''] = value;
  }
}
