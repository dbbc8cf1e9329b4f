import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function WorkersPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('workers.title')} />;
}
