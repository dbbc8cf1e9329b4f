export {
  FileContentMismatch,
  FileNotFound,
  FileTooLarge,
  FileTypeRefused,
  FilesUnknown,
  FilesTooMany,
} from './file.errors';
export { FileStore } from './file.store';
export { FilesService, MOST_FILES } from './files.service';
export { GivenFiles, type Uploader } from './given-files';
export { FILE_LIFE_MS, HANDLE, type FileId, type UploadedFile } from './uploaded-file';
