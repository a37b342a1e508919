using Aspire.Hosting.Kubernetes.Publishing;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>Quotes texts that are values; the keys of maps stay plain.</summary>
internal sealed class QuotedText(IEventEmitter next) : ChainedEventEmitter(next)
{
    // The maps and sequences that are open.
    private readonly Stack<Level> _levels = new();

    public static ScalarStyle StyleOf(string text) => HelmText.IsNumeric(text) ? ScalarStyle.ForcePlain : ScalarStyle.DoubleQuoted;

    public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
    {
        var isKey = TakePlace();
        if (!isKey && eventInfo.Source.Value is string text)
        {
            eventInfo.Style = StyleOf(text);
        }

        base.Emit(eventInfo, emitter);
    }

    public override void Emit(MappingStartEventInfo eventInfo, IEmitter emitter)
    {
        TakePlace();
        _levels.Push(Level.MapBeforeKey);
        base.Emit(eventInfo, emitter);
    }

    public override void Emit(MappingEndEventInfo eventInfo, IEmitter emitter)
    {
        _levels.Pop();
        base.Emit(eventInfo, emitter);
    }

    public override void Emit(SequenceStartEventInfo eventInfo, IEmitter emitter)
    {
        TakePlace();
        _levels.Push(Level.Sequence);
        base.Emit(eventInfo, emitter);
    }

    public override void Emit(SequenceEndEventInfo eventInfo, IEmitter emitter)
    {
        _levels.Pop();
        base.Emit(eventInfo, emitter);
    }

    /// <summary>Whether what comes now is a key.</summary>
    private bool TakePlace()
    {
        if (_levels.Count == 0 || _levels.Peek() == Level.Sequence)
        {
            return false;
        }

        var isKey = _levels.Pop() == Level.MapBeforeKey;
        _levels.Push(isKey ? Level.MapBeforeValue : Level.MapBeforeKey);
        return isKey;
    }

    private enum Level
    {
        Sequence,
        MapBeforeKey,
        MapBeforeValue,
    }
}
