import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function InstancePage() {
  const { t } = useTranslation();
  return <PageHeader title={t('instance.title')} />;
}
