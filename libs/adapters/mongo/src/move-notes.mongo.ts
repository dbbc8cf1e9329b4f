import type { Clock } from '@flow/kernel';
import { MoveNotes, type MoveNote, type Progress } from '@flow/moving';
import { MOVE_ID } from './collections';
import type { Mongo } from './mongo';

/** What stands of a move: one document. */
export class MongoMoveNotes extends MoveNotes {
  constructor(
    private readonly mongo: Mongo,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async find(): Promise<MoveNote | undefined> {
    const note = await this.mongo.read(() => this.moves.findOne({ _id: MOVE_ID }));
    return note ? { source: note.source, isDone: note.isDone, at: new Date(note.atMs) } : undefined;
  }

  override async begin(source: string): Promise<void> {
    const atMs = this.clock.now().getTime();
    await this.mongo.write('move.begin', () =>
      this.moves.insertOne({ _id: MOVE_ID, source, isDone: false, atMs, parts: {} }),
    );
  }

  override async progress(part: string): Promise<Progress | undefined> {
    const note = await this.mongo.read(() => this.moves.findOne({ _id: MOVE_ID }));
    const text = note?.parts[part];
    return text === undefined ? undefined : (JSON.parse(text) as Progress);
  }

  override async reached(part: string, progress: Progress): Promise<void> {
    await this.mongo.write('move.reached', () =>
      this.moves.updateOne({ _id: MOVE_ID }, { $set: { [`parts.${part}`]: JSON.stringify(progress) } }),
    );
  }

  override async finish(): Promise<void> {
    const atMs = this.clock.now().getTime();
    await this.mongo.write('move.finish', () =>
      this.moves.updateOne({ _id: MOVE_ID }, { $set: { isDone: true, atMs } }),
    );
  }

  private get moves() {
    return this.mongo.collection('moves');
  }
}
