export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M7 11c5 0 5 10 9 10s4-10 9-10" />
        <path d="M7 21c5 0 5-10 9-10s4 10 9 10" strokeOpacity=".65" />
      </g>
    </svg>
  );
}
