export const auth = {
  tagline: "Connect the systems you work with. Draw a workflow, run it, trust it.",
  signIn: "Sign in",
  signUp: "Create an account",
  name: "Your name",
  email: "E-mail address",
  password: "Password",
  passwordHint: "At least {count} characters. A few words are easy to keep in mind.",
  noAccount: "No account yet?",
  haveAccount: "Already have an account?",
};
