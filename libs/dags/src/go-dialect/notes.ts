import type { Fault } from '@flow/kernel';
import { Faults } from '../faults';

/** What a translation says about a document. Pointers may lead into the definition that it makes; they come out as pointers into what was sent. */
export class Notes {
  private readonly refused = new Faults();
  private readonly changed = new Faults();
  private readonly origins = new Map<string, string>();

  /** The document cannot be taken because of this. */
  refuse(pointer: string, code: string, message: string): void {
    this.refused.add(pointer, code, message);
  }

  /** The document is taken, and this is not as it was written, or has no effect. */
  warn(pointer: string, code: string, message: string): void {
    this.changed.add(pointer, code, message);
  }

  /** Remembers that what stands at one place of the definition was sent at another. */
  moved(to: string, from: string): void {
    if (to !== from) this.origins.set(to, from);
  }

  /** Where the author wrote what stands at a place of the definition: the nearest place around it that was moved decides. */
  sentPointer(pointer: string): string {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const from = this.origins.get(at);
      if (from !== undefined) return this.sentPointer(from) + pointer.slice(at.length);
    }
    return pointer;
  }

  get faults(): readonly Fault[] {
    return this.refused.all.map((fault) => this.asSent(fault));
  }

  get warnings(): readonly Fault[] {
    return this.changed.all.map((fault) => this.asSent(fault));
  }

  /** The same with a pointer into what was sent. */
  asSent(fault: Fault): Fault {
    return { ...fault, pointer: this.sentPointer(fault.pointer) };
  }
}
