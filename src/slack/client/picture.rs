//! Pictures that a message of ours shows.

use serde_json::json;

use super::{Body, Call, Client};
use crate::slack::error::{Cause, Error};
use crate::slack::event::field;

impl Client {
    /// Puts a picture into Slack, where nobody sees it until a message shows it; its id.
    pub(in crate::slack) async fn store_picture(
        &self,
        name: &str,
        png: Vec<u8>,
    ) -> Result<String, Error> {
        let method = "files.getUploadURLExternal";
        let length = png.len().to_string();
        let place = self
            .call(&Call {
                method,
                channel: "",
                body: Body::Query(vec![("filename", Some(name)), ("length", Some(&length))]),
                repeatable: true,
            })
            .await?;
        let (Some(url), Some(file)) = (field(&place, "upload_url"), field(&place, "file_id"))
        else {
            return Err(Error::new(method, Cause::Unreadable));
        };
        let unreachable = |_| Error::new("upload", Cause::Unreachable);
        let http = crate::http::client()
            .timeout(self.timeout)
            .build()
            .map_err(unreachable)?;
        let sent = http.post(url).body(png).send().await.map_err(unreachable)?;
        if !sent.status().is_success() {
            return Err(Error::new("upload", Cause::Status(sent.status().as_u16())));
        }
        let call = Call {
            method: "files.completeUploadExternal",
            channel: "",
            body: Body::Json(json!({"files": [{"id": file, "title": name}]})),
            repeatable: false,
        };
        self.call(&call).await?;
        Ok(file.to_owned())
    }
}
