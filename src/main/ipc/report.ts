import type { JobSnapshot } from '../../shared/ipc.ts';
import type { Translator } from '../../shared/messages/index.ts';
import type { BuildResult } from '../../shared/model/job.ts';

/** Whether what the build was for was read back: the stick, where a file was only saved beside it. */
export function isVerified({ outputs }: BuildResult): boolean {
  const stick = outputs.find(({ request }) => request.kind === 'drive');
  return (stick ?? outputs[0])?.verified ?? false;
}

/** A finished job as plain text that can be mailed or printed. */
export function jobReport(job: JobSnapshot, { t, error, format }: Translator): string {
  const lines: string[] = [t('app.name'), format.dateTime(job.startedAt), job.subject, ''];
  if (job.build !== null) {
    const { summary, images, outputs, milliseconds } = job.build;
    lines.push(t(isVerified(job.build) ? 'report.verified' : 'report.saved'), '');
    for (const { ecu_id, image_version } of summary.manifest.image_meta) {
      lines.push(`${ecu_id}  ${image_version}`);
    }
    lines.push('');
    // Several payloads of one artifact are several entries.
    for (const image of new Map(images.map((image) => [image.path, image])).values()) {
      lines.push(image.path, `  ${t(`signature.${image.signature.state}`)}`);
      if (image.signature.signer !== null) lines.push(`  ${image.signature.signer}`);
    }
    lines.push('');
    for (const { request, bytes } of outputs) {
      const name =
        request.kind === 'drive'
          ? `${request.identity.model ?? ''} ${request.identity.serial ?? ''}`.trim()
          : request.path;
      lines.push(`${t(`output.${request.kind}`)}: ${name}, ${format.bytes(bytes)}`);
    }
    lines.push(
      t('count.files', { count: summary.totalFiles }),
      format.duration(milliseconds / 1000),
    );
  }
  if (job.check !== null) {
    const { check } = job;
    lines.push(check.complete ? t('check.complete') : t('check.incomplete'));
    lines.push(t('count.faults', { count: check.faultCount }));
    for (const fault of check.faults) {
      lines.push(`${t(`fault.${fault.kind}`)}  ${fault.path}  ${fault.detail}`);
    }
  }
  if (job.error !== null) {
    const { what, next } = error(job.error);
    lines.push(what, next, JSON.stringify(job.error));
  }
  return `${lines.join('\n')}\n`;
}
