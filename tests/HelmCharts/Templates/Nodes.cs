namespace Sluice.HelmCharts.Templates;

/// <summary>A part of a parsed template.</summary>
/// <param name="Line">Where it begins.</param>
internal abstract record Node(int Line);

/// <summary>Text that is written as it is.</summary>
internal sealed record TextNode(int Line, string Text) : Node(Line);

/// <summary><c>{{ pipeline }}</c>.</summary>
internal sealed record ActionNode(int Line, Pipeline Pipeline) : Node(Line);

/// <summary><c>{{ if }}</c>; an <c>else if</c> is one in <paramref name="Else"/>.</summary>
internal sealed record IfNode(int Line, Pipeline Condition, Block Then, Block? Else) : Node(Line);

/// <summary><c>{{ with }}</c>.</summary>
internal sealed record WithNode(int Line, Pipeline Value, Block Then, Block? Else) : Node(Line);

/// <summary><c>{{ range }}</c>.</summary>
internal sealed record RangeNode(int Line, Pipeline Items, Block Body, Block? Else) : Node(Line);

/// <summary><c>{{ break }}</c> or <c>{{ continue }}</c>.</summary>
internal sealed record JumpNode(int Line, bool IsBreak) : Node(Line);

/// <summary><c>{{ template "name" pipeline }}</c>.</summary>
internal sealed record TemplateNode(int Line, string Name, Pipeline? Argument) : Node(Line);

/// <summary>Nodes one after the other.</summary>
internal sealed record Block(IReadOnlyList<Node> Nodes);

/// <summary>Commands, each given the result of the one before as its last argument, and the variables that take the last result.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="Variables">Names with their <c>$</c>.</param>
/// <param name="Assigns">Whether they exist already (<c>=</c>).</param>
/// <param name="Commands">At least one.</param>
internal sealed record Pipeline(int Line, IReadOnlyList<string> Variables, bool Assigns, IReadOnlyList<Command> Commands) : Operand(Line);

/// <summary>An operand and, where that is a function or a method, its arguments.</summary>
internal sealed record Command(int Line, IReadOnlyList<Operand> Operands);

/// <summary>What yields a value.</summary>
internal abstract record Operand(int Line);

/// <summary><c>.</c>.</summary>
internal sealed record DotOperand(int Line) : Operand(Line);

/// <summary><c>nil</c>.</summary>
internal sealed record NilOperand(int Line) : Operand(Line);

/// <summary>A boolean, a string or a number, which is an int or a double.</summary>
internal sealed record LiteralOperand(int Line, object Value) : Operand(Line);

/// <summary>The name of a function.</summary>
internal sealed record FunctionOperand(int Line, string Name) : Operand(Line);

/// <summary><c>$name</c>, with fields.</summary>
internal sealed record VariableOperand(int Line, string Name, IReadOnlyList<string> Fields) : Operand(Line);

/// <summary><c>.a.b</c>.</summary>
internal sealed record FieldOperand(int Line, IReadOnlyList<string> Fields) : Operand(Line);

/// <summary><c>(pipeline).a.b</c>.</summary>
internal sealed record ChainOperand(int Line, Operand Of, IReadOnlyList<string> Fields) : Operand(Line);
