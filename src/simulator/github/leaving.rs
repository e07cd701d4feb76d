//! People who leave: whatever they wrote stays, and nobody is named as its author any more.

use super::GithubSimulator;

impl GithubSimulator {
    /// Deletes an account: GitHub shows `null` where it stood.
    ///
    /// <https://docs.github.com/en/account-and-profile/concepts/deleting-your-personal-account>
    pub fn delete_user(&self, login: &str) {
        self.shared.change(|state| {
            let login = login.to_lowercase();
            state.accounts.remove(&login);
            for repository in state.repositories.values_mut() {
                repository.permissions.remove(&login);
            }
        });
    }
}
