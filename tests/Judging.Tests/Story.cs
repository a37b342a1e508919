using Sluice.Contracts;

namespace Sluice.Judging.Tests;

/// <summary>What one version does to its requests.</summary>
internal sealed record Behaviour(double Errors = 0.005, double Over250 = 0.021, double Over500 = 0.0007, double Client = 0.01);

/// <summary>A rollout that is played look by look: traffic in, judgements out, and the steps that follow from them.</summary>
internal sealed class Story(Opening opening, int seed = 1, double requestsPerSecond = 20)
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    public static readonly double[] Edges = [0.1, 0.25, 0.5];

    public static readonly RolloutStep[] Production =
    [
        new(new Weight(500), HoldSeconds: 120, WarmUp: true), new(new Weight(500)), new(new Weight(2000)), new(new Weight(5000)), new(new Weight(8000), HoldSeconds: 900),
    ];

    private readonly Random _random = new(seed);
    private readonly List<TimelineEvent> _events = [];
    private DateTimeOffset _stepSince = Start;
    private Evidence _evidence = Judge.Begin(opening);
    private int _step = -1;
    private Weight _weight;

    public static Opening Opening { get; } = new()
    {
        Rule = AnalysisRule.Sequential,
        Steps = Production,
        Settings = JudgeSettings.Default,
        Baseline = new Baseline { Requests = 72_000, Failed = 360, Edges = Edges, Timed = 72_000, AtMost = [40_000, 70_488, 71_950] },
    };

    public DateTimeOffset Now { get; private set; } = Start;

    public Behaviour Stable { get; set; } = new();

    public Behaviour Canary { get; set; } = new();

    public double Share { get; set; } = 1; // times the weight

    public List<Look> Looks { get; } = [];

    public List<Judgement> Judgements { get; } = [];

    public Timeline Timeline => new([.. _events]);

    public Judgement Last => Judgements[^1];

    public bool IsOver => Last.Verdict is Verdict.RollBack or Verdict.Inconclusive || _step >= opening.Steps.Count;

    public double Minutes => (Now - Start).TotalMinutes;

    public double StepMinutes(int step) => (_events.First(item => item.Kind == TimelineEventKind.StepBegan && item.Step == step).At - Start).TotalMinutes;

    /// <summary>Plays looks of 15 s until a time, or the end.</summary>
    public Story Until(double minutes, Func<Look, Look>? change = null)
    {
        while (Minutes < minutes && (Judgements.Count == 0 || !IsOver))
        {
            Play(change ?? (look => look));
        }

        return this;
    }

    public void Play(Func<Look, Look> change)
    {
        if (_step < 0)
        {
            Enter(0);
        }

        Now = Now.AddSeconds(15);
        var look = change(new Look { At = Now, Generation = _events.Count, Windows = [Window(Now.AddSeconds(-15), Now)] });
        Looks.Add(look);
        _evidence = Judge.Fold(opening, Timeline, _evidence, look);
        Judgements.Add(Judge.Decide(opening, Timeline, _evidence));
        if (_step < opening.Steps.Count && opening.Steps[_step].WarmUp && (Now - _stepSince).TotalSeconds >= opening.Steps[_step].HoldSeconds)
        {
            Enter(_step + 1);
        }
        else if (Last.Verdict == Verdict.Advance)
        {
            Enter(_step + 1);
        }
        else if (Last.Verdict == Verdict.StepDown && _weight > opening.Steps[0].Weight)
        {
            Add(TimelineEventKind.WeightLowered, opening.Steps[0].Weight);
        }
        else if (Last is { Verdict: Verdict.Hold, Reason: JudgementReason.NoStep })
        {
            Enter(_step); // what the Registry does once the judge sees again
        }
    }

    /// <summary>A look in which nothing was seen.</summary>
    public static Look Unseen(Look look) => look with { Windows = [], Blind = new(look.At.AddSeconds(-15), look.At, "Prometheus does not answer") };

    public EvidenceWindow Window(DateTimeOffset from, DateTimeOffset to)
    {
        var all = (long)(requestsPerSecond * (to - from).TotalSeconds);
        var canary = Counts.Binomial(_random, all, Math.Min(Share * _weight.BasisPoints / 10_000.0, 1));
        return new EvidenceWindow { Gateway = "g1", From = from, To = to, Weight = _weight, Edges = Edges, Stable = Arm(all - canary, Stable), Canary = Arm(canary, Canary) };
    }

    private ArmCounts Arm(long requests, Behaviour behaviour)
    {
        var client = Counts.Binomial(_random, requests, behaviour.Client);
        var failed = Counts.Binomial(_random, requests - client, behaviour.Errors);
        var ok = requests - client - failed;
        var over500 = Counts.Binomial(_random, ok, behaviour.Over500);
        var over250 = over500 + Counts.Binomial(_random, ok - over500, behaviour.Over250 - behaviour.Over500);
        return new ArmCounts { Ok = ok, Client = client, Model = failed, Timed = ok, AtMost = [ok / 2, ok - over250, ok - over500] };
    }

    private void Enter(int step)
    {
        (_step, _stepSince) = (step, Now);
        if (step >= opening.Steps.Count)
        {
            Add(TimelineEventKind.StepEntered, _weight);
            return;
        }

        Add(TimelineEventKind.StepEntered, _weight);
        Add(TimelineEventKind.StepBegan, opening.Steps[step].Weight);
    }

    private void Add(TimelineEventKind kind, Weight weight) => _events.Add(new(Now, kind, _step, _weight = weight, _events.Count + 1));
}
