import { useEffect, useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { useStore, useWords } from '../state/use-store.ts';

/** Something to be typed elsewhere, with a button that copies it. */
export function CommandText({ text }: { readonly text: string }): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const [copied, setCopied] = useState<string | null>(null);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  };
  return (
    <div className="command">
      <code>{text}</code>
      <Button className="button" onPress={() => attempt(copy)}>
        {t(copied === text ? 'common.copied' : 'common.copy')}
      </Button>
    </div>
  );
}

interface TrustCommandProps {
  readonly kind: 'install' | 'remove';
}

/** The command that makes an ECU trust the CA of this computer, or takes that back. */
export function TrustCommand({ kind }: TrustCommandProps): ReactNode {
  const { attempt } = useStore();
  const [command, setCommand] = useState<string | null>(null);
  useEffect(
    () => attempt(async () => setCommand((await invoke('vehicle.trust'))[kind])),
    [attempt, kind],
  );
  return command === null ? null : <CommandText text={command} />;
}
