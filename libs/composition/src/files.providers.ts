import { FilesService } from '@flow/files';
import { Clock, Random } from '@flow/kernel';
import { made, type Ground, type Provided } from './made';

/** Files that are uploaded for forms. */
export const filesProviders = ({ settings, stores }: Ground): readonly Provided[] => [
  made(
    FilesService,
    [Clock, Random],
    (clock, random) => new FilesService(stores.files, stores.blobs, clock, random, settings.fileLimit),
  ),
];
