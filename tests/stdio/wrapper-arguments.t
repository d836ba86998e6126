# What a wrapper is given: the words of -T as they stand, and in the place of a word % this
# program, such that it is found again from anywhere, with the flags that it had itself,
# told that the client was greeted (-g) and is protected now (-s).
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path getcwd);
use MailTest;

my @servers = (
	[ 'smtp-stdio', 'STARTTLS', 'A:abcd:e:gh:m:nPpr:st:T:v' ],
	[ 'pop3-stdio', 'STLS', 'A:d:e:gh:nPpst:T:v' ],
);

my $seen = new_file('arguments');
my $wrapper = new_file('wrapper');
my $root = new_root('bob@example.com');

open my $script, '>', $wrapper or die "$wrapper: $!\n";
print $script "#!/bin/sh\nprintf '%s\\0' \"\$#\" \"\$@\" >$seen\n";
close $script;
chmod 0755, $wrapper;

# The arguments that the wrapper gets of a server that is run by this command.
sub given {
	my ($verb, @command) = @_;
	unlink $seen;
	my $client = Program->start(command => \@command, wire => 'socket');
	$client->line;
	$client->send("$verb\r\n");
	my $reply = $client->line;
	$client->rest;
	return "not run: $reply" unless -e $seen;
	my ($count, @arguments) = split /\0/, contents($seen), -1;
	pop @arguments;
	return @arguments;
}

# Flags as getopt(3) reads them, each a word with its value: so that -nv and -n -v are one.
sub flags_of {
	my ($known, @words) = @_;
	my @flags;
	while (@words && $words[0] =~ s/^-(?=.)//) {
		my $word = shift @words;
		return [ @flags, @words ] if $word eq '-';
		while ($word =~ s/^(.)//s) {
			my $flag = $1;
			if ($known =~ /\Q$flag\E:/) {
				$flag .= ' ' . (length $word ? $word : shift @words);
				$word = '';
			}
			push @flags, $flag;
		}
	}
	return [ @flags, map { "unexpected $_" } @words ];
}

for (@servers) {
	my ($name, $verb, $known) = @$_;
	my $program = program($name);
	my $absolute = abs_path(program($name));

	# Words
	is_deeply([ given($verb, $program, '-d', $root, '-T', "$wrapper") ], [],
	    "$name: without a % nothing is added");        ## smtp-3207-4.2-c
	is_deeply([ given($verb, $program, '-d', $root, '-T', "  $wrapper  a   'b c' \"d\" \\ \$HOME * ; | > x & \$(id) -g %% x% -% ") ],
	    [ 'a', "'b", "c'", '"d"', '\\', '$HOME', '*', ';', '|', '>', 'x', '&', '$(id)', '-g', '%%', 'x%', '-%' ],
	    "$name: blanks part words, and nothing else means anything");

	# The program
	my (@with) = given($verb, $program, '-d', $root, '-T', "$wrapper first % last");
	is(shift @with, 'first', "$name: what stands before the %");
	is(pop @with, 'last', 'and behind it');
	my $path = shift @with;
	like($path, qr{^/}, "$name: the program has an absolute path");       ## smtp-3207-4.2-c pop3-2595-4-b
	is(join(' ', (stat $path)[0, 1]), join(' ', (stat $program)[0, 1]), 'which is its own');       ## smtp-3207-4.2-c pop3-2595-4-b
	is_deeply(\@with, [ '-d', $root, '-s', '-g' ], 'with -s and -g at the end');   ## smtp-3207-4.2-c pop3-2595-4-b
	is((given($verb, $absolute, '-d', $root, '-T', "$wrapper %"))[0], $absolute, "$name: an absolute path stays as it is");
	like((given($verb, $^X, '-e', 'exec { shift @ARGV } @ARGV', $program, $name, '-d', $root, '-T', "$wrapper %"))[0],
	    qr{^/.+/sbin/\Q$name\E\z}, "$name: found by PATH, it is the installed one");
	is((given($verb, $^X, '-e', 'exec { shift @ARGV } @ARGV', $program, "../other/$name", '-d', $root, '-T', "$wrapper %"))[0] =~ m{^/.*/other/\Q$name\E\z},
	    1, "$name: a relative path is made absolute");

	# The mail root
	my ($parent, $own) = $root =~ m{^(.*)/([^/]+)\z};
	my @there = ('/bin/sh', '-c', 'cd "$0" && exec "$@"', $parent, $absolute);
	for my $relative ($own, "./$own", "../" . ($parent =~ m{([^/]+)\z})[0] . "/$own") {
		my @words = given($verb, @there, '-d', $relative, '-T', "$wrapper %");
		like($words[2], qr{^/}, "$name: -d $relative is made absolute");
		is(join(' ', (stat $words[2])[0, 1]), join(' ', (stat $root)[0, 1]), 'and is the same root');
	}
	my @from_environment = given($verb, '/usr/bin/env', "MAILROOT=$root", $program, '-T', "$wrapper %");
	is_deeply([ @from_environment[1 .. $#from_environment] ], [ '-s', '-g' ], "$name: a root from the environment is not made a flag");

	# The other flags
	my @cases = (
		[ [ '-h', 'mail.example.org', '-v', '-n', '-e', '5', '-t', '30' ], [ 'h mail.example.org', 'v', 'n', 'e 5', 't 30' ], 'their order' ],
		[ [ '-t', '30', '-e5', '-nvp' ], [ 't 30', 'e 5', 'n', 'v', 'p' ], 'written together' ],
		[ [ '-v', '-v', '-t', '1', '-t', '30' ], [ 'v', 'v', 't 1', 't 30' ], 'twice' ],
		[ [ '-h', '-T', '-v' ], [ 'h -T', 'v' ], 'a value that looks like -T' ],
		[ [ '-h', '-Tx' ], [ 'h -Tx' ], 'and one more' ],
		[ [ '-hT', '-v' ], [ 'h T', 'v' ], 'and one that is part of its flag' ],
		[ [ '-A', 'check one  two', '-v' ], [ 'A check one  two', 'v' ], 'a value of several words' ],
		[ [ '-v', '--' ], [ 'v' ], 'an end of the flags' ],
	);
	for (@cases) {
		my ($flags, $expected, $what) = @$_;
		my @words = given($verb, $program, '-d', $root, '-T', "$wrapper %", @$flags);
		my $run = shift @words;
		is_deeply(flags_of($known, @words), [ "d $root", @$expected, 's', 'g' ], "$name: flags: $what") or diag "@words";
	}
	for ([ "-T$wrapper %" ], [ "-vT$wrapper %" ], [ '-vT', "$wrapper %" ], [ '-T', 'none', '-T', "$wrapper %" ]) {
		my @words = given($verb, $program, '-d', $root, @$_, '-n');
		shift @words;
		is_deeply(flags_of($known, @words), [ "d $root", ("@$_" =~ /^-v/ ? 'v' : ()), 'n', 's', 'g' ], "$name: @$_ is left out") or diag "@words";
	}
	my @words = given($verb, $program, "-vd$root", '-T', "$wrapper %");
	shift @words;
	is_deeply(flags_of($known, @words), [ 'v', "d $root", 's', 'g' ], "$name: -vd and the root in one word") or diag "@words";

	# What can be no command
	for my $empty ('', ' ', '   ') {
		my ($output, $status) = run('', [ $program, '-d', $root, '-T', $empty ]);
		is($status, 64, "$name: -T '$empty' is a usage error");        ## smtp-stdio-exit pop3-stdio-exit
		is($output, '', 'and nothing is said to the client');
	}
	my ($output, $status, $errors) = with_errors('', [ $program, '-d', $root, '-g' ]);
	is($status, 64, "$name: -g without -s is a usage error");      ## smtp-stdio-exit pop3-stdio-exit
	is($output, '', 'and nothing is said to the client');
	like($errors, qr/\A[^\n]+\nusage: \Q$name\E /, 'but on standard error why');
}
done_testing;
