import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function TriggersPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('triggers.title')} />;
}
