export {
  DOCUMENT_PARTS,
  type DocumentPart,
  type MovedBlob,
  type MovedDag,
  type MovedDelivery,
  type MovedDocuments,
  type MovedKey,
} from './documents';
export { Tally, textOf, type Entry, type PlacedEntry } from './entry';
export { MoveRefused, MoveSourceChanged, MoveTargetInUse, MoveUnfinished } from './move.errors';
export { MoveNotes, type MoveNote, type Progress } from './move.notes';
export { MoveSource } from './move.source';
export { MoveTarget } from './move.target';
export { Mover, isSame, type MoverEvents, type PartVerdict, type Route } from './mover';
