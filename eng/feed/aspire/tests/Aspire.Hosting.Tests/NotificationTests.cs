using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Tests;

/// <summary>How parts of the AppHost hear of states and events.</summary>
public sealed class NotificationTests
{
    private readonly ModelStage _stage = new();
    private readonly ResourceNotificationService _notifications = new();
    private readonly CancellationToken _cancellationToken = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watcher_sees_what_there_is_and_every_change_in_order()
    {
        var resource = _stage.Add("project").Resource;
        await PublishAsync(resource, "Starting");
        var seen = new List<string>();
        await foreach (var change in _notifications.WatchAsync(_cancellationToken))
        {
            seen.Add(change.Snapshot.State!.Text);
            if (seen.Count == 1)
            {
                await PublishAsync(resource, "Running");
                await PublishAsync(resource, "Finished");
            }

            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal(["Starting", "Running", "Finished"], seen);
    }

    [Fact]
    public async Task A_resource_is_healthy_only_after_its_ready_event()
    {
        var resource = _stage.Add("project").Resource;
        var waiting = _notifications.WaitForResourceHealthyAsync("PROJECT", _cancellationToken);
        await PublishAsync(resource, "Running");
        Assert.Equal("Running", await _notifications.WaitForResourceAsync("project", ["Running", "Finished"], _cancellationToken));
        Assert.False(waiting.IsCompleted);

        await _notifications.PublishUpdateAsync(resource, before => before with { ReadyEvent = Task.CompletedTask });

        Assert.Equal("project", (await waiting).ResourceId);
    }

    [Fact]
    public async Task Subscribers_hear_of_their_own_resource_until_they_leave()
    {
        var (mine, other) = (_stage.Add("mine").Resource, _stage.Add("other").Resource);
        var heard = new List<IResource>();
        var subscription = _stage.Builder.Eventing.Subscribe<ResourceReadyEvent>(mine, (ready, _) =>
        {
            heard.Add(ready.Resource);
            return Task.CompletedTask;
        });

        await RaiseAsync(other);
        await RaiseAsync(mine);
        _stage.Builder.Eventing.Unsubscribe(subscription);
        await RaiseAsync(mine);

        Assert.Equal([mine], heard);

        Task RaiseAsync(IResource resource) => _stage.Builder.Eventing.PublishAsync(new ResourceReadyEvent(resource, null!), _cancellationToken);
    }

    private Task PublishAsync(IResource resource, string state) => _notifications.PublishUpdateAsync(resource, before => before with { State = state });
}
