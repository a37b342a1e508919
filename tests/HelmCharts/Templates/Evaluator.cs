using System.Text;
using Sluice.HelmCharts.Functions;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Templates;

/// <summary>Executes one template: what is written, which variables there are.</summary>
internal sealed class Evaluator
{
    private const int DeepestTemplate = 1000;

    private readonly Engine _engine;
    private readonly Template _template;
    private readonly StringBuilder _output;
    private readonly int _depth;
    private readonly List<(string Name, object? Value)> _variables;

    private Evaluator(Engine engine, Template template, object? dot, StringBuilder output, int depth)
    {
        _engine = engine;
        _template = template;
        _output = output;
        _depth = depth;
        _variables = [("$", dot)];
    }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>Executes a template and returns what it wrote.</summary>
    public static string Execute(Engine engine, Template template, object? dot)
    {
        var output = new StringBuilder();
        new Evaluator(engine, template, dot, output, depth: 0).Walk(template.Body, dot);
        return output.ToString();
    }

    private Flow Walk(Block block, object? dot)
    {
        foreach (var node in block.Nodes)
        {
            var flow = Walk(node, dot);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Walk(Node node, object? dot)
    {
        switch (node)
        {
            case TextNode text:
                _output.Append(text.Text);
                return Flow.Next;
            case ActionNode action:
                var value = Evaluate(action.Pipeline, dot);
                if (action.Pipeline.Variables.Count == 0)
                {
                    _output.Append(value is null ? GoText.NoValue : GoText.Print(value));
                }

                return Flow.Next;
            case IfNode branch:
                return WalkBranch(branch.Condition, branch.Then, branch.Else, dot, changesDot: false);
            case WithNode branch:
                return WalkBranch(branch.Value, branch.Then, branch.Else, dot, changesDot: true);
            case RangeNode range:
                WalkRange(range, dot);
                return Flow.Next;
            case JumpNode jump:
                return jump.IsBreak ? Flow.Break : Flow.Continue;
            case TemplateNode call:
                WalkTemplate(call, dot);
                return Flow.Next;
            default:
                throw new InvalidOperationException(node.GetType().Name);
        }
    }

    private Flow WalkBranch(Pipeline condition, Block then, Block? otherwise, object? dot, bool changesDot)
    {
        var scope = _variables.Count;
        var value = Evaluate(condition, dot);
        var flow = GoTypes.IsTrue(value) ? Walk(then, changesDot ? value : dot) : otherwise is null ? Flow.Next : Walk(otherwise, dot);
        Forget(scope);
        return flow;
    }

    private void WalkRange(RangeNode range, object? dot)
    {
        var scope = _variables.Count;
        var items = ItemsOf(Evaluate(range.Items, dot), range.Line);
        if (items.Count == 0 && range.Else is not null)
        {
            Walk(range.Else, dot);
        }

        foreach (var (key, item) in items)
        {
            SetRangeVariables(range.Items, key, item);
            var inner = _variables.Count;
            var flow = Walk(range.Body, item);
            Forget(inner);
            if (flow == Flow.Break)
            {
                break;
            }
        }

        Forget(scope);
    }

    private List<(object? Key, object? Item)> ItemsOf(object? value, int line) => value switch
    {
        null => [],
        List<object?> list => [.. list.Select((item, i) => ((object?)i, item))],
        ValueMap map => [.. map.Select(entry => ((object?)entry.Key, entry.Value))],
        TemplateObject { Items: { } objects } => [.. objects],
        _ => throw Error(line, $"range can't iterate over {GoText.Print(value)}, which is {GoTypes.Name(value)}"),
    };

    private void SetRangeVariables(Pipeline head, object? key, object? item)
    {
        if (head.Variables.Count > 0)
        {
            Assign(head.Variables[^1], item);
        }

        if (head.Variables.Count > 1)
        {
            Assign(head.Variables[0], key);
        }
    }

    private void WalkTemplate(TemplateNode call, object? dot)
    {
        var template = _engine.Templates.Find(call.Name) ?? throw Error(call.Line, $"template \"{call.Name}\" is not defined");
        if (_depth >= DeepestTemplate)
        {
            throw Error(call.Line, $"templates call each other more than {DeepestTemplate} deep");
        }

        var argument = call.Argument is null ? null : Evaluate(call.Argument, dot);
        new Evaluator(_engine, template, argument, _output, _depth + 1).Walk(template.Body, argument);
    }

    private object? Evaluate(Pipeline pipeline, object? dot)
    {
        object? value = null;
        for (var i = 0; i < pipeline.Commands.Count; i++)
        {
            value = Evaluate(pipeline.Commands[i], dot, i > 0 ? new Piped(value) : null);
        }

        foreach (var name in pipeline.Variables)
        {
            if (pipeline.Assigns)
            {
                Assign(name, value);
            }
            else
            {
                _variables.Add((name, value));
            }
        }

        return value;
    }

    private object? Evaluate(Command command, object? dot, Piped? piped)
    {
        var first = command.Operands[0];
        switch (first)
        {
            case FieldOperand field:
                return Fields(dot, field.Fields, command, dot, piped);
            case VariableOperand variable when variable.Fields.Count > 0:
                return Fields(Lookup(variable), variable.Fields, command, dot, piped);
            case ChainOperand chain:
                return Fields(Evaluate(chain.Of, dot), chain.Fields, command, dot, piped);
            case FunctionOperand function:
                return Call(_engine.Functions.Find(function.Name)!, command, dot, piped);
            case NilOperand:
                throw Error(command.Line, "nil is not a command");
            default:
                if (command.Operands.Count > 1 || piped is not null)
                {
                    throw Error(command.Line, "an argument is given to something that is not a function");
                }

                return Evaluate(first, dot);
        }
    }

    private object? Evaluate(Operand operand, object? dot) => operand switch
    {
        DotOperand => dot,
        NilOperand => null,
        LiteralOperand literal => literal.Value,
        Pipeline pipeline => Evaluate(pipeline, dot),
        VariableOperand { Fields.Count: 0 } variable => Lookup(variable),
        _ => Evaluate(new Command(operand.Line, [operand]), dot, null),
    };

    /// <summary>
    /// Follows fields. A missing key is nil, and a field of that nil is an error; of a variable or a parenthesis that is nil it is nil again, which
    /// makes <c>((.Values.a).b).c</c> safe. The last field may be a method with the command's arguments.
    /// </summary>
    private object? Fields(object? receiver, IReadOnlyList<string> fields, Command command, object? dot, Piped? piped)
    {
        if (receiver is null)
        {
            return null;
        }

        for (var i = 0; i < fields.Count; i++)
        {
            var member = Guard(command.Line, () => Member(receiver, fields[i], string.Join('.', fields.Take(i))));
            var isLast = i == fields.Count - 1;
            if (member is TemplateFunction method)
            {
                receiver = isLast ? Call(method, command, dot, piped) : Guard(command.Line, () => CallWith(method, []));
            }
            else if (isLast && (command.Operands.Count > 1 || piped is not null))
            {
                throw Error(command.Line, $"{fields[i]} has arguments but is no method");
            }
            else
            {
                receiver = member;
            }
        }

        return receiver;
    }

    private static object? Member(object? receiver, string name, string before) => receiver switch
    {
        null => throw new FunctionException($"nil pointer evaluating interface {{}}.{name}: .{before} is missing"),
        ValueMap map => map[name],
        TemplateObject thing => thing.Member(name),
        _ => throw new FunctionException($"can't evaluate field {name} in type {GoTypes.Name(receiver)}"),
    };

    private object? Call(TemplateFunction function, Command command, object? dot, Piped? piped)
    {
        var operands = command.Operands;
        var count = operands.Count - 1 + (piped is null ? 0 : 1);
        Guard(command.Line, () => { function.CheckCount(count); return null; });
        if (function.Name is "and" or "or")
        {
            return ShortCircuit(function.Name == "or", operands, dot, piped);
        }

        var arguments = new object?[count];
        for (var i = 0; i < operands.Count - 1; i++)
        {
            var operand = operands[i + 1];
            var value = Evaluate(operand, dot);
            arguments[i] = Guard(operand.Line, () => ArgumentTypes.Check(value, function.TypeAt(i), function.Name, operand));
        }

        if (piped is not null)
        {
            arguments[^1] = Guard(command.Line, () => ArgumentTypes.Check(piped.Value, function.TypeAt(count - 1), function.Name, operand: null));
        }

        return Guard(command.Line, () => CallWith(function, arguments));
    }

    private static object? CallWith(TemplateFunction function, object?[] arguments)
    {
        try
        {
            return function.Call(arguments);
        }
        catch (FunctionException exception)
        {
            throw new FunctionException($"error calling {function.Name}: {exception.Message}");
        }
    }

    /// <summary><c>and</c> and <c>or</c> evaluate no further than they must.</summary>
    private object? ShortCircuit(bool stopsAtTrue, IReadOnlyList<Operand> operands, object? dot, Piped? piped)
    {
        object? value = null;
        foreach (var operand in operands.Skip(1))
        {
            value = Evaluate(operand, dot);
            if (GoTypes.IsTrue(value) == stopsAtTrue)
            {
                return value;
            }
        }

        return piped is null ? value : piped.Value;
    }

    private object? Lookup(VariableOperand variable) => _variables.FindLast(entry => entry.Name == variable.Name).Value;

    private void Assign(string name, object? value) => _variables[_variables.FindLastIndex(entry => entry.Name == name)] = (name, value);

    private void Forget(int scope) => _variables.RemoveRange(scope, _variables.Count - scope);

    /// <summary>Says where it happened when a function or a field refuses.</summary>
    private object? Guard(int line, Func<object?> evaluate)
    {
        try
        {
            return evaluate();
        }
        catch (FunctionException exception)
        {
            throw Error(line, exception.Message, exception);
        }
    }

    private ChartException Error(int line, string problem, Exception? inner = null) =>
        new(_template.File, line, _template.Name == _template.File ? problem : $"in \"{_template.Name}\": {problem}", inner);

    /// <summary>The result of the stage before; it may be nil, which is not the same as none.</summary>
    private sealed record Piped(object? Value);
}
