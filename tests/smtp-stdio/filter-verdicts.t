# -f: what the client is told, and what becomes of the message, for each way in which a
# filter can end.  After each the session goes on, and nothing is left over.
use strict;
use warnings;
use lib 'tests/lib';
use Filter;
use MailTest;

my @refusing = (65, 67, 68, 69, 76, 77);
my @failing = (1, 2, 3, 64, 66, 70 .. 75, 78, 98, 100, 101, 111, 126, 127, 128, 254, 255);
my $dropped = qr/^250 2\.0\.0 OK id=\S+$/;
my $delivered = $dropped;
my $failed = qr/^451 4\.3\.0 /;

# Runs a filter: a script, which has a blank in it, or the path or name of a program.
sub judge {
	my ($script, $expected, $is_delivered, $name, @flags) = @_;
	my $root = new_root('bob@example.com');
	my $filter = $script =~ / / ? new_filter($script) : $script;
	my $message = "Subject: to be judged\n\n.a dot\n" . "text\n" x 3000;
	my $reply = mail_through(root => $root, filter => $filter, flags => \@flags, to => ['<bob@example.com>'],
	    message => $message);
	like($reply, $expected, "$name: the reply, and the session goes on"); ## smtp-stdio-filter
	my @there = messages($root, 'bob@example.com');
	is(scalar @there, $is_delivered, "$name: " . ($is_delivered ? 'delivered' : 'not delivered')); ## smtp-stdio-filter
	is(without_trace(contents($there[0])), $message, "$name: as it was") if @there; ## smtp-stdio-filter
	is_deeply([ left_over($root) ], [], "$name: nothing is left over"); ## smtp-stdio-store-c
	return $filter;
}

judge('exit 0 # all of it is good', $delivered, 1, 'exit 0');
judge('exit 99 # away with it', $dropped, 0, 'exit 99');
judge("echo 'No, thanks' >&2; exit $_", qr/^550 5\.7\.1 No, thanks$/, 0, "exit $_") for @refusing;
judge("echo 'Later, please' >&2; exit $_", $failed, 0, "exit $_") for @failing;
judge("kill -s $_ \$\$; sleep 60", $failed, 0, "SIG$_") for qw(KILL TERM INT HUP PIPE ALRM USR1 XFSZ SEGV);

# What it writes counts only where it says that the message is good.
judge("echo output; exit $_", $failed, 0, "output, and exit $_") for 1, 75;
judge('echo output; echo no >&2; exit 77', qr/^550 5\.7\.1 no$/, 0, 'output, and exit 77');
judge('echo output; exit 99 # thrown away', $dropped, 0, 'output, and exit 99');
judge('echo warning >&2; exit 0', $delivered, 1, 'a warning, and exit 0');

# How much of the message it reads is its own affair.
judge('cat >/dev/null; exit 0', $delivered, 1, 'it reads all');
judge('dd bs=100 count=1 >/dev/null 2>&1; exit 0', $delivered, 1, 'it reads the beginning');
judge('exec <&- 2>&- 1>&- 3<&-; exit 0', $delivered, 1, 'it closes all that it was given');

# What cannot be run.
my $plain = new_filter('exit 0');
chmod 0644, $plain;
my $odd = new_filter('exit 0');
open my $file, '>', $odd or die;
print $file "#!/nowhere/interpreter\n";
close $file;
judge('/nowhere/filter', $failed, 0, 'a file that is not there');
judge('no-such-filter-anywhere', $failed, 0, 'a name that is not in PATH');
judge($plain, $failed, 0, 'a file that is not executable');
judge('/', $failed, 0, 'a directory');
judge($odd, $failed, 0, 'a script without its interpreter');
judge('/nowhere/filter', $failed, 0, 'under -v too', '-v');

# A name is looked for in PATH.
my $named = new_filter('touch "$at/called"');
my ($at) = $named =~ m{^(.*)/};
my $root = new_root('bob@example.com');
like(mail_through(root => $root, filter => 'filter', environment => { PATH => "/nowhere:$at:$ENV{PATH}" },
    to => ['<bob@example.com>']), $delivered, 'a name that is in PATH'); ## smtp-stdio-filter
ok(-e "$at/called", 'is run');
like(mail_through(root => $root, filter => 'filter', environment => { PATH => '/nowhere' },
    to => ['<bob@example.com>']), $failed, 'and with another PATH it is not found'); ## smtp-stdio-filter

# What the log says of each.
sub logged {
	my ($filter) = @_;
	my $errors = new_file('errors');
	mail_through(root => $root, filter => $filter, errors => $errors, to => ['<bob@example.com>']);
	return contents($errors);
}
like(logged(new_filter('exit 0')), qr/: delivery id=\S+ .* to=bob\@example\.com .*status=250$/m, 'delivered: the mailbox');
unlike(logged('true'), qr/: filter /, 'and no more');
like(logged(new_filter('exit 99')), qr/: filter dropped=(\S+)\n.*: delivery id=\1 .* status=250$/ms, 'thrown away: so it says');
like(logged(new_filter('exit 1')), qr/: filter error=.*: delivery id=\S+ .* status=451 reason=/s, 'a failure');
like(logged(new_filter('kill -KILL $$')), qr/: filter error="[^"]*signal/, 'a signal');
like(logged('/nowhere/filter'), qr/: filter error="[^"]*cannot be executed/, 'what cannot be run');

# A command that is none is told at the start.
for my $command ('', ' ', "\t ") {
	my ($output, $status, $errors) = with_errors('', [ program('smtp-stdio'), '-d', $root, '-f', $command ]);
	is($status, 64, "-f '$command': usage"); ## smtp-stdio-filter
	is($output, '', 'nothing to the client');
	like($errors, qr/\A[^\n]+\nusage: smtp-stdio /, 'a line and the synopsis');
}

done_testing;
