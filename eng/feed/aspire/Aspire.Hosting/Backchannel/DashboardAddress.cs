namespace Aspire.Hosting.Backchannel;

/// <summary>Where the dashboard can be logged in to, once it is healthy.</summary>
/// <param name="isExpected">Whether there will be one.</param>
internal sealed class DashboardAddress(bool isExpected)
{
    private readonly TaskCompletionSource<string> _loginUrl = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set(string loginUrl) => _loginUrl.TrySetResult(loginUrl);

    /// <summary>The address; null without a dashboard.</summary>
    public async Task<string?> GetAsync(CancellationToken cancellationToken) =>
        isExpected ? await _loginUrl.Task.WaitAsync(cancellationToken).ConfigureAwait(false) : null;
}
