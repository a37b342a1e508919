using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryBench;

/// <summary>A rule of the product, by its own code; what the Registry does with its verdicts is done here.</summary>
internal sealed class OwnRule : Contender
{
    private static readonly string[] GatewayNames = ["g1", "g2", "g3", "g4"];
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Scenario _scenario;
    private readonly Opening _opening;
    private readonly List<TimelineEvent> _events = [];
    private readonly Timeline _timeline;
    private readonly GatewayTick[] _unread;
    private Evidence _evidence;
    private DateTimeOffset _readTo = Start;
    private DateTimeOffset _stepSince;
    private Weight _weight;
    private int _step;

    public OwnRule(Scenario scenario, Opening opening)
    {
        (_scenario, _opening, _evidence, _timeline) = (scenario, opening, Judge.Begin(opening), new Timeline(_events));
        _unread = NewTotals();
        Enter(0, Start);
    }

    protected override void Take(Tick tick)
    {
        var now = Start.AddMinutes(tick.Minute);
        for (var i = 0; i < _unread.Length; i++)
        {
            _unread[i].Stable.Add(tick.Gateways[i].Stable);
            _unread[i].Canary.Add(tick.Gateways[i].Canary);
        }

        var look = Look(tick.IsSeen, now);
        _evidence = Judge.Fold(_opening, _timeline, _evidence, look);
        Act(Judge.Decide(_opening, _timeline, _evidence), now, tick.Minute);
    }

    private Look Look(bool isSeen, DateTimeOffset now)
    {
        var look = new Look { At = now, Generation = _events.Count };
        if (!isSeen)
        {
            return look with { Blind = new BlindInterval(_readTo, now, "no answer") };
        }

        var windows = new EvidenceWindow[_unread.Length];
        for (var i = 0; i < windows.Length; i++)
        {
            var skew = i * _scenario.SkewSeconds;
            windows[i] = new EvidenceWindow
            {
                Gateway = GatewayNames[i % GatewayNames.Length],
                From = _readTo.AddSeconds(skew),
                To = now.AddSeconds(skew),
                Weight = _weight,
                Edges = Latency.Edges,
                Stable = Counts(_unread[i].Stable),
                Canary = Counts(_unread[i].Canary),
            };
        }

        _readTo = now;
        NewTotals().CopyTo(_unread, 0);
        return look with { Windows = windows };
    }

    private GatewayTick[] NewTotals() => [.. Enumerable.Range(0, _scenario.Gateways).Select(_ => new GatewayTick(new Arm(), new Arm(), new Arm()))];

    private static ArmCounts Counts(Arm arm)
    {
        var atMost = new long[arm.Above.Length];
        for (var i = 0; i < atMost.Length; i++)
        {
            atMost[i] = arm.Ok - arm.Above[i];
        }

        return new ArmCounts { Ok = arm.Ok, Client = arm.Client, Model = arm.Failed, Timed = arm.Ok, AtMost = atMost };
    }

    private void Act(Judgement judgement, DateTimeOffset now, double minute)
    {
        var isWarm = _opening.Steps[_step].WarmUp && (now - _stepSince).TotalSeconds >= _opening.Steps[_step].HoldSeconds;
        switch (judgement.Verdict)
        {
            case Verdict.RollBack:
                End(Ending.RolledBack, minute);
                break;
            case Verdict.Advance when _step + 1 == _opening.Steps.Count:
                End(Ending.Promoted, minute);
                break;
            case Verdict.Advance:
                Enter(_step + 1, now);
                break;
            case Verdict.StepDown when _weight > _opening.Steps[0].Weight:
                Add(TimelineEventKind.WeightLowered, _opening.Steps[0].Weight, now);
                break;
            case Verdict.Hold when judgement.Reason == JudgementReason.NoStep:
                Enter(_step, now); // what was lowered while nothing was seen begins again
                break;
            case Verdict.Hold or Verdict.StepDown when isWarm:
                Enter(_step + 1, now); // a warm-up ends by time
                break;
        }
    }

    private void Enter(int step, DateTimeOffset now)
    {
        (_step, _stepSince) = (step, now);
        Add(TimelineEventKind.StepBegan, _opening.Steps[step].Weight, now);
    }

    private void Add(TimelineEventKind kind, Weight weight, DateTimeOffset now)
    {
        _weight = weight;
        Weight = weight.BasisPoints / (double)Contracts.Weight.Whole;
        _events.Add(new TimelineEvent(now, kind, _step, weight, _events.Count + 1));
    }
}
