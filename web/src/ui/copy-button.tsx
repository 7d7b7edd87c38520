import { useState } from "react";
import { Check, Copy } from "lucide-react";
import { useTranslations } from "use-intl";
import { IconButton } from "./icon-button";

const SHOWN_MS = 1500;

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useTranslations("ui");
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <>
      <IconButton size="small" label={label ?? t("copy")} onClick={() => void copy()}>
        {copied ? <Check aria-hidden className="text-success-text" /> : <Copy aria-hidden />}
      </IconButton>
      <span role="status" className="sr-only">
        {copied ? t("copied") : ""}
      </span>
    </>
  );
}
