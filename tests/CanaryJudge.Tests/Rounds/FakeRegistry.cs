using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>The Registry's rollout endpoints as far as a judge needs them: one rollout of wine, its events, its evidence log by compare-and-set, and the lease.</summary>
internal sealed class FakeRegistry : HttpMessageHandler
{
    public const string Id = "wine.1";

    private readonly List<JsonElement> _evidence = [];
    private readonly List<RolloutEvent> _events = [];
    private string? _holder;

    public FakeRegistry(TimeProvider time, AnalysisRule rule = AnalysisRule.Sequential)
    {
        Time = time;
        Rollout = new Rollout
        {
            Id = Id,
            Model = "wine",
            Generation = 1,
            Stable = 1,
            Canary = 2,
            StableDigest = "sha256:1",
            CanaryDigest = "sha256:2",
            Profile = "development",
            Plan = new RolloutPlan
            {
                Steps = [new(new Weight(2000), HoldSeconds: 10, WarmUp: true), new(new Weight(2000)), new(new Weight(5000), HoldSeconds: 15)],
                PrepareTimeoutSeconds = 60, PromoteTimeoutSeconds = 60, KeepPreviousSeconds = 60, MaxStepAgeSeconds = 600,
                Analysis = new(rule),
            },
            Phase = RolloutPhase.Preparing,
            PhaseSince = time.GetUtcNow(),
            StepEntered = time.GetUtcNow(),
            StartedAt = time.GetUtcNow(),
            Reason = "a test",
            Actor = "test",
        };
        Happens("start", rollout => rollout);
    }

    public TimeProvider Time { get; }

    public Rollout Rollout { get; private set; }

    public IReadOnlyList<JsonElement> Evidence => _evidence;

    public IReadOnlyList<RolloutEvent> Events => _events;

    /// <summary>Verdicts that arrived, and whether they were accepted.</summary>
    public List<(VerdictProposal Verdict, bool Accepted)> Verdicts { get; } = [];

    /// <summary>What was said of the pre-flight.</summary>
    public List<VerdictProposal> Preflights { get; } = [];

    /// <summary>What <c>/api/replicas</c> shows.</summary>
    public IReadOnlyList<ReplicaView> Replicas { get; set; } = [];

    /// <summary>Called before each request; may fail it.</summary>
    public Action<HttpRequestMessage>? Before { get; set; }

    /// <summary>Called after each request was carried out; may lose the answer.</summary>
    public Action<HttpRequestMessage>? After { get; set; }

    /// <summary>Who has the lease; null for nobody.</summary>
    public string? Holder { get => _holder; set => _holder = value; }

    public RegistryClient Client() => new(new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://registry") });

    /// <summary>What the watch would say.</summary>
    public ClusterState State(params GatewayStatus[] gateways) => ClusterState.Empty.Apply(new WatchEvent("test", 1, IsSnapshot: true,
    [
        new WatchChange(ObjectKinds.Serving, "wine", JsonSerializer.SerializeToElement(
            new ServingState { Model = "wine", Generation = 1, Stable = 1, LastRollout = 1, Rollout = Rollout.IsClosed ? null : Id }, ContractsJson.Default.ServingState)),
        .. Rollout.IsClosed ? Array.Empty<WatchChange>() : [new WatchChange(ObjectKinds.Rollout, "wine", JsonSerializer.SerializeToElement(Rollout, ContractsJson.Default.Rollout))],
        .. gateways.Select(gateway => new WatchChange(ObjectKinds.Gateway, gateway.Id, JsonSerializer.SerializeToElement(gateway, ContractsJson.Default.GatewayStatus))),
    ]));

    /// <summary>The rollout changes.</summary>
    public void Happens(string what, Func<Rollout, Rollout> change, string reason = "a test")
    {
        Rollout = change(Rollout) with { Generation = Rollout.Generation + 1, Reason = reason };
        _events.Add(new RolloutEvent
        {
            Number = _events.Count + 1, At = Time.GetUtcNow(), Actor = "test", What = what, Phase = Rollout.Phase, Step = Rollout.Step,
            Weight = Rollout.Weight, Generation = Rollout.Generation, Reason = reason,
        });
    }

    /// <summary>A step begins.</summary>
    public void Begins(int step)
    {
        Happens("step.enter", rollout => rollout with { Phase = RolloutPhase.Progressing, Step = step, StepEntered = Time.GetUtcNow(), StepSince = null, Hold = null });
        if (step < Rollout.Plan.Steps.Count)
        {
            Happens("step.begin", rollout => rollout with { StepSince = Time.GetUtcNow(), Weight = rollout.Plan.Steps[step].Weight });
        }
    }

    /// <summary>Lets what happened last have happened later.</summary>
    public void Shift(TimeSpan by)
    {
        for (var last = 1; last <= 2; last++)
        {
            _events[^last] = _events[^last] with { At = _events[^last].At + by };
        }
    }

    /// <summary>Somebody else appends to the evidence.</summary>
    public void Append(JsonElement entry) => _evidence.Add(entry);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Before?.Invoke(request);
        var answer = await AnswerAsync(request, cancellationToken);
        After?.Invoke(request);
        return answer;
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (path == "/api/leases/judge")
        {
            var wish = (await request.Content!.ReadFromJsonAsync(ContractsJson.Default.LeaseRequest, cancellationToken))!;
            if (_holder is not null && _holder != wish.Holder)
            {
                return new HttpResponseMessage(HttpStatusCode.Conflict);
            }

            _holder = wish.Seconds == 0 ? null : wish.Holder;
            return Ok(new Lease("judge", _holder, null), ContractsJson.Default.Lease);
        }

        return (request.Method.Method, path) switch
        {
            ("GET", ApiPaths.Replicas) => Ok(Replicas, ContractsJson.Default.IReadOnlyListReplicaView),
            ("GET", $"/api/rollouts/{Id}") => Ok(Rollout, ContractsJson.Default.Rollout),
            ("GET", $"/api/rollouts/{Id}/events") => Ok([.. _events], ContractsJson.Default.IReadOnlyListRolloutEvent),
            ("GET", $"/api/rollouts/{Id}/evidence") => Ok(Page(long.Parse(request.RequestUri.Query["?after=".Length..], System.Globalization.CultureInfo.InvariantCulture)), ContractsJson.Default.EvidencePage),
            ("POST", $"/api/rollouts/{Id}/evidence") => Append((await request.Content!.ReadFromJsonAsync(ContractsJson.Default.EvidenceAppend, cancellationToken))!),
            ("POST", $"/api/rollouts/{Id}/verdict") => Judge((await request.Content!.ReadFromJsonAsync(ContractsJson.Default.VerdictProposal, cancellationToken))!),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
    }

    // Pages of three, so that a log has several.
    private EvidencePage Page(long after) => new(
        [.. _evidence.Index().Where(entry => entry.Index >= after).Take(3).Select(entry => new EvidenceEntry(entry.Index + 1, entry.Item))], _evidence.Count);

    private HttpResponseMessage Append(EvidenceAppend append)
    {
        if (append.After != _evidence.Count)
        {
            return new HttpResponseMessage(HttpStatusCode.Conflict);
        }

        _evidence.AddRange(append.Entries);
        return new HttpResponseMessage(HttpStatusCode.NoContent);
    }

    private HttpResponseMessage Judge(VerdictProposal verdict)
    {
        if (Rollout.Phase == RolloutPhase.Preparing && verdict.Generation == Rollout.Generation)
        {
            Preflights.Add(verdict);
            Happens("preflight", rollout => verdict.Verdict == Verdict.Advance
                ? rollout with { IsCleared = true, Hold = null }
                : rollout with { IsCleared = false, Hold = new RolloutHold(verdict.Hold!.Value, verdict.Reason) }, verdict.Reason);
            return Ok(Rollout, ContractsJson.Default.Rollout);
        }

        var accepted = verdict.Generation == Rollout.Generation && Rollout.Phase == RolloutPhase.Progressing;
        Verdicts.Add((verdict, accepted));
        if (!accepted)
        {
            return new HttpResponseMessage(HttpStatusCode.Conflict);
        }

        switch (verdict.Verdict)
        {
            case Verdict.Advance:
                Begins(Rollout.Step + 1);
                break;
            case Verdict.RollBack:
                Happens("rollback", rollout => rollout with { Phase = RolloutPhase.RolledBack, Weight = Weight.None, EndedAt = Time.GetUtcNow() }, verdict.Reason);
                break;
            case Verdict.StepDown:
                Happens("weight.lower", rollout => rollout with { Weight = rollout.Plan.Steps[0].Weight, StepSince = null, Hold = new RolloutHold(HoldKind.Blind, verdict.Reason) }, verdict.Reason);
                break;
            case Verdict.Inconclusive:
                Happens("pause", rollout => rollout with { Phase = RolloutPhase.Paused, Pause = new RolloutPause(PauseKind.Inconclusive, Time.GetUtcNow()) }, verdict.Reason);
                break;
            default:
                Happens("hold", rollout => rollout with { Hold = new RolloutHold(verdict.Hold!.Value, verdict.Reason) }, verdict.Reason);
                break;
        }

        return Ok(Rollout, ContractsJson.Default.Rollout);
    }

    private static HttpResponseMessage Ok<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => new(HttpStatusCode.OK) { Content = JsonContent.Create(value, type) };
}
