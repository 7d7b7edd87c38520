import { Download } from "lucide-react";
import { useLocale, useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { bytesText } from "@/ui";

export type ItemFile = components["schemas"]["ItemFileOut"];

interface ItemFilesProps {
  files: readonly ItemFile[];
  /** Where a file is given out; without it the files are only named. */
  hrefOf?: ((file: ItemFile) => string) | undefined;
  /** How many are shown at most. */
  most?: number;
}

/** The files beside an item, each with its size and a way to keep it. */
export function ItemFiles({ files, hrefOf, most = files.length }: ItemFilesProps) {
  const t = useTranslations("data");
  const locale = useLocale();
  return (
    <ul aria-label={t("files")} className="flex flex-wrap items-center gap-1">
      {files.slice(0, most).map((file, at) => {
        const size = bytesText(file.size, locale);
        const shown = (
          <>
            <span className="max-w-48 truncate">{file.name}</span>
            <span className="text-ink-faint tabular-nums">{size}</span>
          </>
        );
        return (
          <li key={`${file.key}:${at}`}>
            {hrefOf ? (
              <a
                href={hrefOf(file)}
                download={file.name}
                title={`${file.name} (${file.media_type})`}
                aria-label={t("downloadFile", { name: file.name, size })}
                className="inline-flex h-6 items-center gap-1.5 rounded-md border px-1.5 text-xs hover:bg-sunken"
              >
                <Download aria-hidden className="size-3.5 text-ink-soft" />
                {shown}
              </a>
            ) : (
              <span className="inline-flex h-6 items-center gap-1.5 rounded-md border px-1.5 text-xs">{shown}</span>
            )}
          </li>
        );
      })}
      {files.length > most ? <li className="text-xs text-ink-faint">{t("moreFiles", { count: files.length - most })}</li> : null}
    </ul>
  );
}
