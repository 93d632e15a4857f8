//! Uploads: a file is sent first, and shared by a second call.

use serde_json::{Value, json};

use super::{Body, Call, Client};
use crate::chat::slack::error::{Cause, Error};
use crate::chat::slack::event::field;

impl Client {
    /// Uploads a file to a thread.
    pub async fn attach(
        &self,
        channel: &str,
        thread: &str,
        name: &str,
        content: Vec<u8>,
    ) -> Result<(), Error> {
        let file = self.send_file(channel, name, content).await?;
        let body = json!({
            "files": [{"id": file, "title": name}],
            "channel_id": channel,
            "thread_ts": thread,
        });
        self.complete(channel, body).await
    }

    /// Uploads a picture that is visible only in messages that show it, and returns its id.
    pub(in crate::chat::slack) async fn store_picture(
        &self,
        name: &str,
        png: Vec<u8>,
    ) -> Result<String, Error> {
        let file = self.send_file("", name, png).await?;
        let body = json!({"files": [{"id": file, "title": name}]});
        self.complete("", body).await?;
        Ok(file)
    }

    /// Sends a file to the upload address of Slack, and returns its id.
    async fn send_file(
        &self,
        channel: &str,
        name: &str,
        content: Vec<u8>,
    ) -> Result<String, Error> {
        let method = "files.getUploadURLExternal";
        let length = content.len().to_string();
        let target = self
            .call(&Call {
                method,
                channel,
                body: Body::Query(vec![("filename", Some(name)), ("length", Some(&length))]),
                is_idempotent: true,
            })
            .await?;
        let (Some(url), Some(file)) = (field(&target, "upload_url"), field(&target, "file_id"))
        else {
            return Err(Error::new(method, Cause::Unreadable));
        };
        let unreachable = |_| Error::new("upload", Cause::Unreachable);
        let http = crate::runtime::http::client()
            .timeout(self.timeout)
            .build()
            .map_err(unreachable)?;
        let sent = http.post(url).body(content).send();
        let sent = sent.await.map_err(unreachable)?;
        if !sent.status().is_success() {
            return Err(Error::new("upload", Cause::Status(sent.status().as_u16())));
        }
        Ok(file.to_owned())
    }

    async fn complete(&self, channel: &str, body: Value) -> Result<(), Error> {
        let call = Call {
            method: "files.completeUploadExternal",
            channel,
            body: Body::Json(body),
            is_idempotent: false,
        };
        self.call(&call).await.map(drop)
    }
}
