import { Button } from '@mantine/core';
import { PauseIcon, PlayIcon, StopIcon, SyncIcon } from '@primer/octicons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { hasEnded } from '../../api/instance-status';
import type { ShownInstance } from '../../api/shown-instance';
import { CancelDialog } from './cancel-dialog';
import { RetryDialog } from './retry-dialog';
import { useAction } from './use-action';

/** What can be done to an instance as it stands. */
export function InstanceActions({ instance }: { readonly instance: ShownInstance }) {
  const { t } = useTranslation();
  const { id, status, debug } = instance;
  const [asked, setAsked] = useState<'cancel' | 'retry'>();
  const pause = useAction(id, () => call('POST /instances/{id}/pause', { path: { id } }));
  const resume = useAction(id, () => call('POST /instances/{id}/resume', { path: { id } }));
  const isLive = !hasEnded(status);
  const close = () => setAsked(undefined);
  return (
    <>
      {isLive && debug === undefined && status !== 'paused' && status !== 'cancelling' && (
        <Button
          variant="default"
          leftSection={<PauseIcon size={14} />}
          loading={pause.isPending}
          onClick={() => pause.mutate()}
        >
          {t('instance.action.pause')}
        </Button>
      )}
      {status === 'paused' && debug === undefined && (
        <Button leftSection={<PlayIcon size={14} />} loading={resume.isPending} onClick={() => resume.mutate()}>
          {t('instance.action.resume')}
        </Button>
      )}
      {isLive && status !== 'cancelling' && (
        <Button variant="default" leftSection={<StopIcon size={14} />} onClick={() => setAsked('cancel')}>
          {t('instance.action.cancel')}
        </Button>
      )}
      {!isLive && debug === undefined && (
        <Button
          variant={status === 'succeeded' ? 'default' : 'filled'}
          leftSection={<SyncIcon size={14} />}
          onClick={() => setAsked('retry')}
        >
          {t('instance.action.retry')}
        </Button>
      )}
      {asked === 'cancel' && <CancelDialog instance={instance} onClose={close} />}
      {asked === 'retry' && <RetryDialog instance={instance} from="failed" onClose={close} />}
    </>
  );
}
