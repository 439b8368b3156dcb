//! Starts an emulator and prints what a shell needs to use it.
//!
//! `cargo run -p sts-emulator --example serve [address]`

use auth_model::ExposeSecret;
use sts_emulator::StsEmulator;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "what this example is for")]
async fn main() -> anyhow::Result<()> {
    let listen = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let sts = StsEmulator::builder().listen(listen.parse()?).start().await?;
    let user = sts.add_user("123456789012", "alice")?;
    sts.add_session("123456789012", "ci", "first")?;
    println!("export AWS_ENDPOINT_URL_STS={}", sts.url());
    // The older command line and boto3 read only the second.
    println!("export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1");
    println!("export AWS_ACCESS_KEY_ID={}", user.access_key_id);
    println!("export AWS_SECRET_ACCESS_KEY={}", user.secret_access_key.expose_secret());
    println!("# try: aws sts get-caller-identity");
    println!(
        "# try: aws sts assume-role --role-arn arn:aws:iam::123456789012:role/ci --role-session-name me"
    );
    tokio::signal::ctrl_c().await?;
    sts.shutdown().await;
    Ok(())
}
