import { Kbd, Modal, Table } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ROW_KEYS } from '../parts/use-row-keys';
import { NOTHING_TYPED, press, SEQUENCES, type Command } from './key-sequences';

const PLACES = {
  overview: '/',
  dags: '/dags',
  instances: '/instances',
  approvals: '/approvals',
  triggers: '/triggers',
  workers: '/workers',
  settings: '/settings',
} as const;

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null;

/** Keys that work on every page, and the list of them. */
export function CommandKeys() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { dagId } = useParams({ strict: false });
  const [isHelping, setHelping] = useState(false);
  const typed = useRef(NOTHING_TYPED);
  useEffect(() => {
    const carryOut = (command: Command): boolean => {
      if (command in PLACES) void navigate({ to: PLACES[command as keyof typeof PLACES] });
      else if (command === 'help') setHelping(true);
      else if (command === 'search') return focusOn('[data-search], [type="search"], [role="search"] input');
      // In a list of DAGs it is the list's own matter.
      else if (dagId === undefined) return false;
      else void navigate({ to: '/dags/$dagId', params: { dagId }, search: { tab: 'run' } });
      return true;
    };
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const { typed: next, command } = press(typed.current, event.key, event.timeStamp);
      typed.current = next;
      if (command !== undefined && carryOut(command)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [navigate, dagId]);
  if (!isHelping) return null;
  return (
    <Modal
      opened
      onClose={() => setHelping(false)}
      title={t('shell.keys.title')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <Table>
        <Table.Tbody>
          {[...SEQUENCES, ...ROW_KEYS].map(([keys, command]) => (
            <Table.Tr key={keys}>
              <Table.Td w={110}>
                {keys.split(' ').map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{t(`shell.keys.${command}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

/** Whether there was one to go to. */
function focusOn(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(`main :is(${selector})`);
  found?.focus();
  return found !== null;
}
