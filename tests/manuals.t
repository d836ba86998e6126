#!/usr/bin/perl
# The manual pages are well-formed, say what usage() says, describe each flag of it and
# no other, and their examples do what they show.  An example that can be run anywhere is
# a literal display with the comment
#
#	.\" run
#
# on the line above it.  In it a command stands behind "$ ", its further lines
# behind "> ", and what it prints on the other lines, where "..." is any text and,
# on a line of its own, any lines.  Its commands run in order, in one shell and one
# empty directory.  A display below
#
#	.\" from FILE
#
# is that file of the project, but for comments.  Each line of one below
#
#	.\" serves
#
# starts a program that serves a session; and one below
#
#	.\" checked by COMMAND
#
# is a file that this command, with the name of the file behind it, finds nothing wrong with.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Cwd qw(abs_path);

my @pages = sort glob '*/*.[1-8]';
my $programs = abs_path($ENV{BUILD} || 'build');

# Text of a page as it is read: without the escapes that mdoc wants.
sub plain {
	my ($text) = @_;
	$text =~ s/\\&//g;
	$text =~ s/\\\(ha/^/g;
	$text =~ s/\\e/\\/g;
	return $text;
}

# The displays to run: each a script, and a pattern for all of its output.
sub examples {
	my ($page) = @_;
	my @examples;
	while ($page =~ /^\.\\" run\n\.Bd -literal[^\n]*\n(.*?)^\.Ed$/gms) {
		my ($script, $output) = ('', '');
		for my $line (split /\n/, plain($1)) {
			if ($line =~ /^[\$>](?: (.*))?$/) {
				$script .= ($1 // '') . "\n";
			} elsif ($line =~ /^\s*\.\.\.$/) {
				$output .= '(?:.*\n)+?';
			} else {
				$output .= join('.*', map { quotemeta } split /\.\.\./, $line, -1) . "\n";
			}
		}
		push @examples, [ $script, $output ];
	}
	return @examples;
}

# A script without its comments and blank lines.
sub code {
	my ($script) = @_;
	return join "\n", grep { /\S/ } map { s/(?:^|\s+)#(?:\s.*|$)//r } split /\n/, $script;
}

# The forms of the synopsis, as usage() prints them.
sub synopsis {
	my ($page) = @_;
	my ($name) = $page =~ /^\.Nm (\S+)$/m;
	my ($section) = $page =~ /^\.Sh SYNOPSIS\n(.*?)^\.Sh /ms;
	my @forms;
	for my $line (split /\n/, $section) {
		# What can be given again: the ellipsis stands behind the bracket
		my $again = $line =~ s/^\.Oo (.*) Oc Ns \.\.\.$/.Op $1/ ? '...' : '';
		# What can be left out of an argument, with no blank before it
		$line =~ s/ Ns Op (.*)$/ Ns [$1]/;
		my ($macro, @words) = split / /, $line;
		my ($text, $blank) = ('', '');
		for my $word (@words) {
			next if $word eq 'Ar' || $word eq 'Cm';
			$text .= $blank . ($word eq 'Fl' ? '-' : $word) unless $word eq 'Ns';
			$blank = $word eq 'Fl' || $word eq 'Ns' ? '' : ' ';
		}
		push @forms, $name if $macro eq '.Nm';
		$forms[-1] .= " [$text]$again" if $macro eq '.Op';
		$forms[-1] .= " $text" if $macro eq '.Ar' || $macro eq '.Cm';
		$forms[-1] .= " -$text" if $macro eq '.Fl';
		$forms[-1] .= " $line" if $line eq '|';
	}
	return @forms;
}

# The letters of the flags in this text of usage(): "[-abc]" are three, "[-d root]" is one,
# and so is "-q".
sub flags_of_usage {
	my ($usage) = @_;
	my %flags;
	$flags{$_} = 1 for map { split // } $usage =~ /[\[ ]-(\w+)[] ]/g;
	return sort keys %flags;
}

# The letters of the flags that a page describes: those in the tags of its lists.
sub flags_described {
	my ($page) = @_;
	my %flags;
	for my $tag ($page =~ /^\.It (.*)$/mg) {
		$flags{$_} = 1 for $tag =~ /\bFl (\w)\b/g;
	}
	return sort keys %flags;
}

SKIP: {
	my $needs = 'needs mandoc (Debian package mandoc)';
	if (!grep { -x "$_/mandoc" } split /:/, $ENV{PATH}) {
		fail($needs) if $ENV{STRICT};
		diag("skipped: well-formed for mandoc: $needs") unless $ENV{STRICT};
		skip $needs, scalar @pages;
	}
	for my $page (@pages) {
		my ($messages) = run('', [ 'mandoc', '-Tlint', '-W', 'style', $page ]);
		# Which other pages this machine has is not the page's fault.
		$messages = join '', grep { !/referenced manual not found/ } $messages =~ /(.*\n)/g;
		is($messages, '', "$page is well-formed for mandoc");
	}
}

for my $page (grep { /[18]$/ } @pages) {
	my ($name) = $page =~ m{([^/]*)\.[18]$};
	my ($output, $status, $errors) = with_errors('', [ program($name), '-Q' ]);
	$errors =~ s/\s+/ /g;
	is($status, 64, "$name: a wrong option is a usage error");
	for my $form (synopsis(contents($page))) {
		ok(index($errors, $form) >= 0, "usage() shows: $form") or diag($errors);
	}
	is(join(' ', flags_described(contents($page))), join(' ', flags_of_usage($errors =~ s{\A.*?(?=usage: )}{}r)),
		"$name: each flag of usage() is described, and no other");
}

# The literal displays with this comment above: what stands behind it, and the text.
sub displays {
	my ($page, $comment) = @_;
	my @displays;
	while ($page =~ /^\.\\" $comment([^\n]*)\n\.Bd -literal[^\n]*\n(.*?)^\.Ed$/gms) {
		my ($behind, $text) = ($1, $2);
		push @displays, [ $behind, plain($text) ];
	}
	return @displays;
}

for my $page (@pages) {
	for (displays(contents($page), 'serves')) {
		my $directory = new_file('serves');
		mkdir $directory or die "$directory: $!\n";
		for my $command (grep { !/^#/ } split /\n/, $_->[1]) {
			# Whoever says no more than QUIT is spared, unless it is QUIT that fails
			my ($output, $status, $errors) = with_errors("QUIT\r\n", [ 'sh', '-c', "cd '$directory'\n$command" ],
			    environment => { PATH => "$programs:$ENV{PATH}", MAILROOT => $directory });
			is($status, 0, "$page: serves: $command") or diag($output, $errors);
		}
	}
	for (displays(contents($page), 'from ')) {
		my ($file, $text) = @$_;
		is(code($text), code(contents($file)), "$page shows what is in $file");
	}
	for (displays(contents($page), 'checked by ')) {
		my ($command, $text) = @$_;
		my ($program) = split / /, $command;
		my $file = new_file('display');
		open my $handle, '>', $file or die "$file: $!\n";
		print $handle $text;
		close $handle or die "$file: $!\n";
		SKIP: {
			my $needs = "needs $program (Debian package $program)";
			if (!grep { -x "$_/$program" } split(/:/, $ENV{PATH}), '/usr/sbin') {
				fail($needs) if $ENV{STRICT};
				skip $needs, 1;
			}
			my ($output, $status, $errors) = with_errors('', [ 'sh', '-c', "PATH=\$PATH:/usr/sbin; $command '$file'" ]);
			is($status, 0, "$page: $command finds nothing wrong with its display") or diag($output, $errors);
		}
	}
}

for my $page (@pages) {
	my $number = 0;
	for my $example (examples(contents($page))) {
		my ($script, $expected) = @$example;
		$number++;
		my $directory = new_file('run');
		mkdir $directory or die "$directory: $!\n";
		my ($output, $status, $errors) = with_errors('', [ 'sh', '-ec', "cd '$directory'\n$script" ],
		    environment => { PATH => "$programs:$ENV{PATH}", MAILROOT => undef });
		$output =~ s/\r\n/\n/g;
		is($status, 0, "$page: example $number runs") or diag($script, $errors);
		like($output, qr/\A$expected\z/, "$page: example $number prints what it shows") or diag($errors);
	}
}

done_testing();
