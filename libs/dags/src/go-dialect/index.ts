export { inCallOrder } from './call-order';
export { callsIn, linked } from './calls';
export { GoDocumentsReader, asItStands, unwrapped, type GoDocuments } from './go-documents.reader';
export type { GoTranslation } from './translation';
