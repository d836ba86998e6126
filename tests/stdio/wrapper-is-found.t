# Which program a wrapper is: found as execvp(3) finds it, when the client asks; and what
# the client is told where it cannot be run.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use MailTest;

my $root = new_root('bob@example.com');
my $bin = new_file('bin');
mkdir $bin or die "$bin: $!\n";
mkdir "$bin/$_" or die "$bin/$_: $!\n" for 'one', 'two', 'empty';

# A wrapper that says where it is, and then runs its arguments.
sub put_wrapper {
	my ($path, $mode, $line) = @_;
	my $said = $path =~ s{^\Q$bin\E/}{}r;
	open my $script, '>', $path or die "$path: $!\n";
	print $script $line || '#!/bin/sh', "\nprintf 'here is $said\\r\\n'\nexec \"\$@\"\n";
	close $script;
	chmod $mode, $path;
}

my %of = (
	'smtp-stdio' => { verb => 'STARTTLS', done => qr/^220 2\.0\.0 /, not_now => qr/^454 4\.7\.0 /, list => 'EHLO x', last => qr/^250 /,
	    has => qr/^250-STARTTLS$/m, alive => [ 'NOOP', qr/^250 2\.0\.0 / ] },
	'pop3-stdio' => { verb => 'STLS', done => qr/^\+OK/, not_now => qr/^-ERR (?!\[)/, list => 'CAPA', last => qr/^\.\z/,
	    has => qr/^STLS$/m, alive => [ 'USER x', qr/^-ERR/ ] },
);

sub connected {
	my ($name, $wrapper, %with) = @_;
	my @in = defined $with{in} ? ('/bin/sh', '-c', 'cd "$0" && exec "$@"', delete $with{in}) : ();
	my $client = Program->start(command => [ @in, abs_path(program($name)), '-d', $root, '-T', $wrapper ], wire => 'socket', %with);
	$client->line;
	return $client;
}

# Whether the server says that it can be done.
sub offered {
	my ($name, $client) = @_;
	my ($text, $line) = '';
	$client->send("$of{$name}{list}\r\n");
	$text .= "$line\n" while defined($line = $client->line) && $line !~ $of{$name}{last};
	return $text =~ $of{$name}{has} ? 1 : 0;
}

sub asked {
	my ($client, $line) = @_;
	$client->send("$line\r\n");
	my $reply = $client->line;
	return defined $reply ? $reply : 'the end';
}

sub runs {
	my ($name, $what, $wrapper, $where, %with) = @_;
	my $client = connected($name, $wrapper, %with);
	is(offered($name, $client), 1, "$name, $what: it is offered");         ## smtp-3207-6-b pop3-2449-6
	like(asked($client, $of{$name}{verb}), $of{$name}{done}, "$name, $what: and done");      ## smtp-3207-4-a pop3-2595-4-b
	is($client->line, "here is $where", "$name, $what: by the right program") if defined $where;   ## smtp-3207-4-a pop3-2595-4-b
	like(asked($client, 'QUIT'), qr/^(?:221|\+OK)/, "$name, $what: which runs ours");       ## smtp-3207-4-a pop3-2595-4-b
	is($client->status, 0, "$name, $what: a good end");
}

sub cannot {
	my ($name, $what, $wrapper, %with) = @_;
	my $client = connected($name, $wrapper, %with);
	is(offered($name, $client), 0, "$name, $what: it is not offered");     ## smtp-3207-6-b pop3-2449-6
	like(asked($client, $of{$name}{verb}), $of{$name}{not_now}, "$name, $what: it cannot be done");  ## smtp-3207-6-b pop3-2595-4-a
	my ($command, $reply) = @{$of{$name}{alive}};
	like(asked($client, $command), $reply, "$name, $what: the session goes on");    ## smtp-3207-6-b
	like(asked($client, 'QUIT'), qr/^(?:221|\+OK)/, "$name, $what: to its end");
	is($client->status, 0, "$name, $what: a good end");
}

put_wrapper("$bin/two/wrapper", 0755);
put_wrapper("$bin/two/plain", 0644);
put_wrapper("$bin/one/private", 0644);
put_wrapper("$bin/two/private", 0755);
put_wrapper("$bin/two/folder", 0755);
mkdir "$bin/one/folder";
symlink 'wrapper', "$bin/two/link";
symlink 'nowhere', "$bin/two/dangling";

for my $name ('smtp-stdio', 'pop3-stdio') {
	my %path = (environment => { PATH => "$bin/empty:$bin/nowhere:$bin/one:$bin/two:/usr/bin:/bin" });
	runs($name, 'a path', "$bin/two/wrapper %", 'two/wrapper');
	runs($name, 'a relative path', 'two/wrapper %', 'two/wrapper', in => $bin);
	runs($name, 'a relative path with a dot', './wrapper %', 'two/wrapper', in => "$bin/two");
	runs($name, 'a symbolic link', "$bin/two/link %", 'two/wrapper');
	runs($name, 'a name', 'wrapper %', 'two/wrapper', %path);
	runs($name, 'a name that is first a file without x', 'private %', 'two/private', %path);
	runs($name, 'a name that is first a directory', 'folder %', 'two/folder', %path);
	runs($name, 'no PATH', 'env %', undef, environment => { PATH => undef });

	cannot($name, 'a path of nothing', "$bin/two/none %");
	cannot($name, 'a path of a file without x', "$bin/two/plain %");
	cannot($name, 'a path of a directory', "$bin/two %");
	cannot($name, 'a path through a file', "$bin/two/wrapper/wrapper %");
	cannot($name, 'a link to nothing', "$bin/two/dangling %");
	cannot($name, 'a name of nothing', 'none %', %path);
	cannot($name, 'a name of a file without x', 'plain %', %path);
	cannot($name, 'a name in another directory', 'wrapper %', in => "$bin/two", environment => { PATH => '/usr/bin:/bin' });
	cannot($name, 'a word %%', '%% x', %path);

	# What is true now counts, not what was true when the session began.
	my $client = connected($name, "$bin/one/wrapper %");
	is(offered($name, $client), 0, "$name: not there yet");        ## smtp-3207-6-b pop3-2449-6
	put_wrapper("$bin/one/wrapper", 0755);
	is(offered($name, $client), 1, "$name: there now");            ## smtp-3207-6-b pop3-2449-6
	chmod 0644, "$bin/one/wrapper";
	is(offered($name, $client), 0, "$name: its permission taken");         ## smtp-3207-6-b pop3-2449-6
	like(asked($client, $of{$name}{verb}), $of{$name}{not_now}, "$name: and so it cannot be done");  ## smtp-3207-6-b
	chmod 0755, "$bin/one/wrapper";
	like(asked($client, $of{$name}{verb}), $of{$name}{done}, "$name: given back, it can");   ## smtp-3207-6-b
	is($client->line, 'here is one/wrapper', "$name: and is done");
	asked($client, 'QUIT');
	unlink "$bin/one/wrapper";

	# It looked as if it could be run, but it cannot: too late for a reply.
	put_wrapper("$bin/one/broken", 0755, "#!$bin/nowhere/sh");
	my $log = new_file('log');
	$client = connected($name, "$bin/one/broken %", errors => $log);
	like(asked($client, $of{$name}{verb}), $of{$name}{done}, "$name: a wrapper without its interpreter");
	is($client->rest, '', "$name: the connection is closed without a word in clear");
	is($client->status, 75, "$name: which is the system's fault");
	like(contents($log), qr/\Q$bin\E\/one\/broken/, "$name: and is logged");

	# It has ended badly, or has not even begun: that is the end of the session.
	$client = connected($name, 'false');
	like(asked($client, $of{$name}{verb}), $of{$name}{done}, "$name: a wrapper that gives up");
	is($client->rest, '', "$name: nothing follows");
	is($client->status, 1, "$name: its exit status is that of the session");
}
done_testing;
