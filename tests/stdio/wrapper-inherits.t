# In what state a wrapper finds itself: as the supervisor would have started it.  Its own
# descriptors 0, 1 and 2 and no other, signals as they are by default, no timer, no child,
# the limits, the directory and the environment of before.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use MailTest;

my $probe = new_file('probe');
my $script = <<'END';
# probe FILE [COMMAND ...]: writes into a file what it has been given, and runs the command.
use strict;
use warnings;
use Cwd qw(getcwd);
use Fcntl qw(F_GETFL);
use POSIX qw(:signal_h WNOHANG);
my $timer = alarm 0;
my $child = waitpid -1, WNOHANG;
my $to = shift @ARGV;
my @own = stat $0;
my @open;
for my $descriptor (3 .. 255) {
	open my $file, "<&=$descriptor" or next;
	my @status = stat $file;
	push @open, $descriptor unless "@status[0, 1]" eq "@own[0, 1]";
	push @main::keep, $file;
}
my ($blocked, $of) = (POSIX::SigSet->new, POSIX::SigSet->new);
sigprocmask(SIG_BLOCK, $of, $blocked);
open my $out, '>', $to or die "$to: $!\n";
for (0, 1, 2) {
	open my $file, "<&=$_" or next;
	my @status = stat $file;
	my $flags = fcntl $file, F_GETFL, 0;
	print $out "descriptor-$_ @status[0, 1] ", $flags + 0, "\n";
	push @main::keep, $file;
}
print $out "open @open\n";
print $out 'ignored ', join(' ', grep { defined $SIG{$_} && $SIG{$_} eq 'IGNORE' } qw(HUP INT QUIT ALRM TERM PIPE XFSZ CHLD USR1 USR2)), "\n";
print $out 'blocked ', join(' ', grep { $blocked->ismember($_) } 1 .. 31), "\n";
print $out "timer $timer\n", "child $child\n", 'directory ', getcwd(), "\n";
print $out 'environment ', join(' ', map { "$_=$ENV{$_}" } grep { !/^(?:REMOTE_(?:ADDR|PORT)|_|__LLVM_\w*|PWD|OLDPWD|SHLVL|PERL\w*)\z/ } sort keys %ENV), "\n";
print $out "limits ", join(' ', map { s/\s+/ /gr } `sh -c 'ulimit -a'`), "\n";
close $out;
exec { $ARGV[0] } @ARGV if @ARGV;
END
open my $file, '>', $probe or die "$probe: $!\n";
print $file "#!$^X\n$script";
close $file;
chmod 0755, $probe;

sub state_in {
	my ($path) = @_;
	return map { /^(\S+) (.*)/ ? ($1, $2) : () } split /\n/, contents($path);
}

# What was there when the server was started, and what its wrapper finds.
sub before_and_after {
	my ($name, $verb, %with) = @_;
	my ($before, $after) = (new_file('before'), new_file('after'));
	my @how = @{delete $with{how} || []};
	my @talk = @{delete $with{talk} || []};
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	my $client = Program->start(command => [ @how, $probe, $before, abs_path(program($name)), '-p', '-d', $root, '-T', "$probe $after" ],
	    errors => new_file('errors'), %with);
	$client->line;
	for ([ @talk ], [ $verb ]) {
		my @lines = @$_ or next;
		$client->send(join '', map { "$_\r\n" } @lines);
		$client->line for @lines;
	}
	$client->rest;
	is($client->status, 0, "$name: the wrapper has run");
	return ({ state_in($before) }, { state_in($after) });
}

my $perl = sub { return [ $^X, '-e', "$_[0]; exec { \$ARGV[0] } \@ARGV" ] };
my @ways = (
	[ 'two pipes', wire => 'pipes' ],
	[ 'a socket', wire => 'socket' ],
	[ 'a TCP connection', wire => 'tcp' ],
	[ 'SIGPIPE and SIGXFSZ ignored', how => $perl->('$SIG{$_} = "IGNORE" for qw(PIPE XFSZ)') ],
	[ 'another directory', how => [ '/bin/sh', '-c', 'cd / && exec "$@"', 'sh' ] ],
	[ 'few descriptors', how => [ '/bin/sh', '-c', 'ulimit -n 40 && ulimit -f 5000 && exec "$@"', 'sh' ] ],
	[ 'variables of its own', environment => { CREDENTIALS => '/run/mail', LANG => 'de_DE.UTF-8' } ],
);
for ([ 'smtp-stdio', 'STARTTLS', [ 'EHLO' ] ], [ 'pop3-stdio', 'STLS', [ 'AUTH PLAIN', '*' ] ]) {
	my ($name, $verb, $talk) = @$_;
	for (@ways, [ 'an exchange before', talk => $talk ]) {
		my ($what, %with) = @$_;
		my ($before, $after) = before_and_after($name, $verb, %with);
		is($after->{"descriptor-$_"}, $before->{"descriptor-$_"}, "$name, $what: descriptor $_ as it was") for 0, 1, 2;     ## smtp-3207-4-a pop3-2595-4-b
		is($after->{open}, '', "$name, $what: no other descriptor is open");   ## smtp-3207-4-a pop3-2595-4-b
		is($after->{ignored}, '', "$name, $what: no signal is ignored");       ## smtp-3207-4-a pop3-2595-4-b
		is($after->{blocked}, '', "$name, $what: nor blocked");
		is($after->{timer}, 0, "$name, $what: no timer is running");
		is($after->{child}, -1, "$name, $what: and no child");
		is($after->{$_}, $before->{$_}, "$name, $what: $_ as before") for 'directory', 'limits', 'environment';
	}
}
done_testing;
