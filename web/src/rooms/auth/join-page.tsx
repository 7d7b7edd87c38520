import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import { useSignOut } from "@/shell/sign-out";
import { Button, ErrorNotice, ListSkeleton } from "@/ui";
import { AuthFrame } from "./auth-frame";

type Invited = components["schemas"]["InvitedOut"];

/** Who is signed in, if anybody: here that nobody is, is an answer. */
const signedInQuery = queryOptions({
  queryKey: ["signed-in"],
  queryFn: async () => {
    try {
      return (await body(api.GET("/api/v1/me"))).user.email;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 0,
});

/** Where an invitation leads. Its token stands behind the '#', which no server sees. */
export function JoinPage() {
  const t = useTranslations("auth");
  const [token] = useState(() => window.location.hash.slice(1));
  const invited = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => body(api.POST("/api/v1/auth/invitation", { body: { token } })),
    enabled: token !== "",
  });
  const me = useQuery(signedInQuery);
  const gone = token === "" || (invited.error instanceof Problem && invited.error.status === 404);
  if (gone) {
    return (
      <AuthFrame title={t("notValid")} below={<Link to="/workflows">{t("toApp")}</Link>}>
        <p className="text-sm text-ink-soft">{t("notValidDetail")}</p>
      </AuthFrame>
    );
  }
  if (invited.error) {
    return (
      <AuthFrame title={t("accept")}>
        <ErrorNotice error={invited.error} onRetry={() => void invited.refetch()} />
      </AuthFrame>
    );
  }
  if (!invited.data || me.isPending) {
    return (
      <AuthFrame title={t("accept")}>
        <ListSkeleton rows={2} />
      </AuthFrame>
    );
  }
  return <Invitation token={token} invited={invited.data} signedInAs={me.data ?? null} />;
}

function Invitation({ token, invited, signedInAs }: { token: string; invited: Invited; signedInAs: string | null }) {
  const t = useTranslations("auth");
  const roles = useTranslations("settings.roleNames");
  const { workspace_name: workspace, invited_by: name, email, role } = invited;
  return (
    <AuthFrame title={name ? t("invited", { name, workspace }) : t("invitedPlain", { workspace })}>
      <div className="flex flex-col gap-4 text-sm">
        <p className="text-ink-soft">{t("invitedAs", { role: roles(role), email })}</p>
        {signedInAs === null ? (
          <WayIn token={token} invited={invited} />
        ) : signedInAs === email ? (
          <Accept token={token} />
        ) : (
          <WrongAccount email={signedInAs} />
        )}
      </div>
    </AuthFrame>
  );
}

function WayIn({ token, invited }: { token: string; invited: Invited }) {
  const t = useTranslations("auth");
  const { email, has_account } = invited;
  return (
    <>
      <p>{has_account ? t("joinWithAccount", { email }) : t("joinNew")}</p>
      <Button look="primary" asChild>
        {has_account ? (
          <Link to="/login" search={{ next: `/join#${token}` }}>
            {t("signIn")}
          </Link>
        ) : (
          <Link to="/signup" hash={token} search={{ email }}>
            {t("signUp")}
          </Link>
        )}
      </Button>
    </>
  );
}

function Accept({ token }: { token: string }) {
  const t = useTranslations("auth");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const join = useMutation({
    mutationFn: () => body(api.POST("/api/v1/auth/join", { body: { token } })),
    onSuccess: async () => {
      queries.clear();
      await navigate({ to: "/workflows" });
    },
  });
  return (
    <>
      {join.error ? <ErrorNotice error={join.error} /> : null}
      <Button look="primary" busy={join.isPending} onClick={() => join.mutate()}>
        {t("accept")}
      </Button>
    </>
  );
}

function WrongAccount({ email }: { email: string }) {
  const t = useTranslations("auth");
  const queries = useQueryClient();
  const signOut = useSignOut({ stay: true });
  return (
    <>
      <p>{t("wrongAccount", { email })}</p>
      <Button onClick={() => void signOut().then(() => queries.resetQueries({ queryKey: signedInQuery.queryKey }))}>{t("signOut")}</Button>
    </>
  );
}
